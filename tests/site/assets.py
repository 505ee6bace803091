"""Files beside the pages: style, script, picture, film. Small, valid, and different for every path."""

from __future__ import annotations

import struct


def jpeg(path: str) -> bytes:
    """A grey picture of 160 x 96 points; the path stands in its comment, so no two are the same."""
    comment = path.encode()
    huffman = b"\xff\xc4\x00\x14%c\x01" + bytes(15) + b"\x00"  # one code, "0", for the symbol 0
    parts = [
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00",
        b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment,
        b"\xff\xdb\x00\x43\x00" + b"\x01" * 64,
        b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", 96, 160) + b"\x01\x01\x11\x00",
        huffman % 0x00,
        huffman % 0x10,
        b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00",
        bytes(20 * 12 * 2 // 8),  # 240 blocks, each "no change of grey" and "end": two bits 0
        b"\xff\xd9",
    ]
    return b"".join(parts)


def mp4(path: str) -> bytes:
    """The boxes a film begins with, and no film."""
    return (
        _box(b"ftyp", b"isom\x00\x00\x02\x00isomiso2mp41")
        + _box(b"free", path.encode())
        + _box(b"mdat", bytes(64))
    )


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def icon() -> bytes:
    """A favicon of one red point."""
    picture = struct.pack("<IiiHHIIiiII", 40, 1, 2, 1, 32, 0, 8, 0, 0, 0, 0) + b"\x20\x20\xc0\xff" + bytes(4)
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 1, 1, 0, 0, 1, 32, len(picture), 22) + picture


def woff2(path: str) -> bytes:
    """The bytes a font begins with, and no font: browsers take the next in the list."""
    return b"wOF2\x00\x01\x00\x00" + path.encode()


STYLE = (
    "@import url('print_51207.css') print;\n"
    "@font-face{font-family:sample;"
    "src:local('Tahoma'),url('../fonts/sample_51207.woff2?#x') format('woff2')}\n"
    "body{direction:rtl;font-family:sample,Tahoma,sans-serif;margin:0;background:#fafafa}\n"
    ".baznashr-body p,.body p{line-height:2;text-align:justify}\n"
    ".top_logo{background:url('/client/themes/fa/main/img/logo.jpg') no-repeat}\n"
    + "".join(f".col-xs-{n}{{float:right;width:{n / 36:.4%}}}\n" for n in range(1, 37))
)

PRINT = """@import "style_51207.css";
header, aside, footer { display: none }
.short_link_news { background: url(../img/print.jpg) no-repeat }
"""

SCRIPT = """function renderForm(comment, news) {
  document.forms['comments'].setAttribute('data-parent', comment);
  return false;
}
document.addEventListener('DOMContentLoaded', function () {
  var more = document.querySelector('a.next');
  if (!more) { return; }
  more.addEventListener('click', function (event) {
    event.preventDefault();
    fetch(more.href).then(function (answer) { return answer.text(); }).then(function (cards) {
      more.insertAdjacentHTML('beforebegin', cards);
      more.remove();
    });
  });
});
"""
