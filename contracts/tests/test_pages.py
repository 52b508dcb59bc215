"""The page that people read tells the contract of today, and all of it."""

from __future__ import annotations

import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

import pages
import promises


class Reader(HTMLParser):
    """What a browser would find: ids, links, what is fetched from elsewhere, the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in ("meta", "link", "img"):
            self.open.append(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if tag == "a" else []
        self.fetched += [tag] if "src" in given or tag in ("link", "script") else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page() -> Reader:
    return Reader(pages.render())


def test_the_kept_page_should_be_of_todays_contract():
    assert pages.PAGE.read_text("utf-8") == pages.render(), "./arena asyncapi"


def test_every_topic_and_type_should_have_its_place(page: Reader):
    document = yaml.safe_load((pages.HERE / "asyncapi.yaml").read_text("utf-8"))

    assert set(document["channels"]) <= set(page.ids)
    assert set(promises.current()) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_every_promised_field_should_be_told(page: Reader):
    for event, fields in promises.published().items():
        for path in fields:
            # the items of a list are told by their own fields
            assert path.endswith("[]") or path in page.text, f"{event}: {path}"


def test_the_page_should_need_nothing_from_elsewhere(page: Reader):
    assert page.fetched == []
    assert page.open == []
    for link in page.links:
        place = link.removeprefix("#") in page.ids if link.startswith("#") else None
        assert place or (pages.HERE / link).is_file(), link


def test_text_of_the_contract_should_stay_text(tmp_path: Path):
    for name in ("asyncapi.yaml", "events"):
        source = pages.HERE / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    file = tmp_path / "events" / "match" / "match.finished.v1.schema.json"
    file.write_text(file.read_text("utf-8").replace("A match was played and", "<script>A&B and"))

    page = Reader(pages.render(tmp_path))

    assert page.fetched == []
    assert "<script>A&B and" in page.text
