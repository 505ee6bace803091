"""The address of a record: what ties a row to its bytes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class WarcPointer(BaseModel):
    """A gzip member of ``length`` bytes at ``offset`` of ``file`` in the collection's ``warc/`` folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    offset: int
    length: int
    record_id: str
    payload_digest: str
    date: str = Field(description="WARC-Date of the response record")
