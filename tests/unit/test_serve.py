"""`make serve`: the site as a real host sends it."""

from pathlib import Path

import pytest
from tornado.testing import AsyncHTTPTestCase

from kbook.cli.serve import application, serve


class TestServing(AsyncHTTPTestCase):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        (tmp_path / "index.html").write_text("kbook " * 1000)
        self.site = tmp_path

    def get_app(self):
        return application(self.site)

    def test_pages_come_compressed(self) -> None:
        answer = self.fetch("/", headers={"Accept-Encoding": "gzip"}, decompress_response=False)
        assert answer.code == 200 and answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.body) < 600

    def test_nothing_outside_the_folder_is_served(self) -> None:
        assert self.fetch("/../secret").code in (403, 404)


def test_without_a_site_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="run `make book` first"):
        serve(tmp_path, 0)
