"""The templates that the site has used. Found by what is on the page, never by its date: old articles are
shown in the template of the day they were captured."""

from __future__ import annotations

from parsel import Selector

from crawler.pages.article import ArticlePage
from crawler.pages.select import PageChanged


class TemplateC(ArticlePage):
    """The site since late 2021 (seen until 2026). The breadcrumb stands inside the body container."""

    name = "C"
    marks = "span.title-news, div.baznashr-body"
    title_css = "h1 span.title-news, span.title-news, .baznashr-title"
    lead_css = "strong.news_strong, .baznashr-subtitle"
    body_css = "div.baznashr-body"
    body_drop_css = "h1, .path_bottom_body, .wrapper, .det-1, .parent-lead-img, .tag_items_photo"
    crumbs_css = "div.path_bottom_body a"
    header_crumbs_css = "a.service-news, a.cat-news"
    tags_css = "div.tag_items_photo a"
    date_css = "span.photo-newspage-date, .date-color-news"


class TemplateB(ArticlePage):
    """About 2019 to mid 2021. The lead is an h2 inside the body."""

    name = "B"
    marks = "div.title h1.Htags a.title"
    title_css = "div.title h1.Htags a.title"
    lead_css = ".Htags_news_subtitle .news_strong, .Htags_news_subtitle"
    body_css = "div.body"
    body_drop_css = "h1, h2.Htags_news_subtitle, .wrapper"
    crumbs_css = "div.news_path a"
    date_css = "div.news_pdate_c"
    tags_css = "div.tag_items a"


class TemplateA(ArticlePage):
    """About 2013 to 2018."""

    name = "A"
    marks = "div.news_body_con h1.title"
    title_css = "div.news_body_con h1.title"
    lead_css = "div.news_body_con div.subtitle"
    body_css = "div.news_body_con div.body"
    # The text stands in divs with text-align: justify; another div beside them is an addition.
    body_drop_css = (
        "h1, .wrapper, div.body:has(> div[style*=justify]) > :is(div, table):not([style*=justify])"
    )
    crumbs_css = ".news_path a"
    date_css = ".news_pdate_c"
    tags_css = ".tags_title a"


class TemplateGeneric(ArticlePage):
    """What sister sites of the same CMS have in common (2015-2026)."""

    name = "generic"
    marks = "h1.title, .news-title"
    kicker_css = ".rutitr, .news-rutitr"
    title_css = "h1.title, .news-title, .title-news"
    lead_css = ".subtitle, .news-subtitle"
    body_css = ".body"
    body_drop_css = "h1, .wrapper, .subtitle, .rutitr"
    crumbs_css = ".news_path a"
    date_css = ".news_pdate_c, .news-date, .item-date span, .fa_date"
    tags_css = ".tags_title a, a.tags_item"


TEMPLATES: tuple[type[ArticlePage], ...] = (TemplateC, TemplateB, TemplateA, TemplateGeneric)

_SOFT_404 = "div.error_container"  # a missing article that answers 200 (sister site, «… موجود نمی باشد»)


def says_missing(root: Selector) -> bool:
    """True for the CMS's "page not found" page, whatever its status code."""
    return bool(root.css(_SOFT_404)) and not root.css(TemplateC.marks)


def article_page(root: Selector) -> ArticlePage:
    """The page read by the first template whose mark it bears. Raises PageChanged where none fits."""
    for template in TEMPLATES:
        if root.css(template.marks):
            return template(root)
    raise PageChanged(
        f"no template fits: none of {[template.marks for template in TEMPLATES]} is on the page"
    )
