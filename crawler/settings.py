"""The wiring: departures from Scrapy's defaults, each with its why. Ours stand last and are in the README."""

BOT_NAME = "ostan"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
COMMANDS_MODULE = "crawler.commands"

# Politeness. 4 s is the pause that other archivists of the site keep; on loopback there is none (spider).
USER_AGENT = ""  # empty: made with CONTACT in crawler/identity.py
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "Ostan"
DOWNLOAD_DELAY = 4
DOWNLOAD_DELAY_JITTER = 0  # Scrapy's default is ±50 %: half the pause now and then
AUTOTHROTTLE_ENABLED = True  # a site that answers slowly is asked more slowly; not on loopback (spider)
AUTOTHROTTLE_START_DELAY = 0  # from DOWNLOAD_DELAY on; Scrapy's default would begin at 5 s
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408, 429, 403]  # Scrapy's, and 403: it comes now and then
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_REQUESTS = 1  # none waits inside the downloader: Ctrl-C has one to wait for, not sixteen

# One answer, the same for every reader of the WARC files: replay tools cannot decode zstd.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "fa",
    "Accept-Encoding": "gzip",
}
COOKIES_ENABLED = False  # cookies are secrets, and pages must not depend on them
REFERRER_POLICY = "no-referrer"  # where a link was found is in the archive already
METAREFRESH_ENABLED = False  # an article is what the server sent, not where a page would go later

# A page is 30 to 60 kB. Beyond this a body is cut and flagged: 1.8 kB of gzip can hold 2 GB.
URLLENGTH_LIMIT = (
    0  # none: Scrapy drops a longer address without a word; a Persian letter is six of its characters
)
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's default believes any certificate; an archive must not

# The only protocols there are. Links to file:, data:, ftp: and s3: must lead nowhere.
DOWNLOAD_HANDLERS = {
    "http": "crawler.warc.capture.CaptureHandler",
    "https": "crawler.warc.capture.CaptureHandler",
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
}
DOWNLOADER_MIDDLEWARES = {
    # Scrapy's lets requests with dont_filter pass; Guard does not.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "crawler.middlewares.Guard": 40,
    "crawler.middlewares.Refusals": 50,
    # Scrapy's takes a robots.txt that cannot be had for one that allows all; RFC 9309 says the contrary.
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.Robots": 100,
    "crawler.middlewares.Replay": 950,  # last, where the network would be: all others see its answers
}
# Strict priority over all hosts: what a page needs comes before the next page. Scrapy's default takes hosts
# in turn: pictures on a host of their own would pile up, one asked for with each article.
SCHEDULER_PRIORITY_QUEUE = "scrapy.pqueues.ScrapyPriorityQueue"
# The news id is the key, and the frontier holds it; URL fingerprints would drop redirects to the slug.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
ITEM_PIPELINES = {
    "crawler.pipelines.Normalise": 100,
    "crawler.pipelines.Validate": 200,
    "crawler.pipelines.Select": 300,
    "crawler.pipelines.Version": 400,
}
EXTENSIONS = {
    "crawler.extensions.opening.Opening": 50,
    "crawler.gate.Gate": 60,
    # Scrapy's makes the downloader wait, where an interrupted crawl would have to wait too.
    "scrapy.extensions.throttle.AutoThrottle": None,
    "crawler.gate.Throttle": 70,
    "crawler.warc.recorder.Recorder": 100,
    "crawler.extensions.exporter.Exporter": 200,
    "crawler.extensions.limits.Limits": 250,
    "crawler.extensions.progress.Progress": 270,
    "crawler.extensions.closing.Closing": 300,
}

WARN_ON_GENERATOR_RETURN_VALUE = False  # ours return none; looking at their source costs time at each answer

# A page gives one item. Scrapy starts this many tasks for every response: 100 of them cost 2 ms a page.
CONCURRENT_ITEMS = 1

TELNETCONSOLE_ENABLED = False  # a port that runs any Python is no part of an archive
REMOTE_CONTROL_ENABLED = False  # the same, Scrapy 2.19's successor of it
LOG_LEVEL = "WARNING"  # the run ends with its account; -s LOG_LEVEL=INFO adds a line a minute

# Ours.
ARCHIVES = "archives"  # the folder under which collections lie
COLLECTION = ""  # name of the collection; empty: the site's name, and its address where SITE_URL is set
SCHEDULE = "schedule.toml"  # what is to be crawled when
SITE = "yjc"  # a name in crawler/sites/, or a path to a TOML file
SITE_URL = ""  # another root that serves the same site, such as the sample site
REPLAY_FROM = ""  # a folder or file of WARC records that answers instead of the network
RUN_ID = ""  # empty: made from the time of the start
CONTACT = ""  # an http(s) URL or a mail address of whoever runs the crawl; stands in the User-Agent
SHORTEST_WAIT = 1  # seconds that a host is left alone for after a refusal that does not say how long
LONGEST_WAIT = 3_600  # seconds; a host that asks for more is not waited for: the crawl ends
MOST_REFUSALS = 5  # in a row; then the crawl ends
OPERATOR = ""  # who runs this crawl; stands in the warcinfo
RESTORE = ""  # 1: lost half-spaces are guessed back, beside the text; 0: not; empty: as the site file says
REQUISITES = "page"  # files that article pages need: none, page, or all (films and sound too)
REQUISITE_MAXSIZE = 16 * 1024 * 1024  # of one of them; films: DOWNLOAD_MAXSIZE
CONDITIONAL_REQUESTS = (
    True  # False: whole answers always, for a server whose "not modified" is not to be trusted
)
SECOND_LOOK_SECONDS = 3600  # a page that is gone is called so after a second look, so much later at the least
WARC_ENABLED = True
WARC_MAX_BYTES = 1_000_000_000  # a file is finished and the next begun at about this size
WARC_MAX_SECONDS = 86_400  # and at the latest when it is so old
MIN_FREE_BYTES = 200_000_000  # with less room on the disk the crawl ends: index and report need some too
KEEP_ALIVE = True  # False: a connection a request (strict: no answer can meet the wrong question)
LOG_MAX_BYTES = 10_000_000  # of a LOG_FILE; then it is put aside as .1, .2 …; 0: it grows
LOG_BACKUPS = 5  # how many of these are kept
PROGRESS_SECONDS = 60  # a line on stderr so often, where that is no terminal; 0: none, and no display on one
