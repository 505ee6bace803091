"""``scrapy <verb>``: thin; read the arguments, call a room, print."""
