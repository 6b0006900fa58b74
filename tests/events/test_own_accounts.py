"""A brand's own accounts: read from catalogue or table with every fault located, found in a lake as its actors."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import canyu
from canyu.cli import canyu as program
from canyu.events.catalogue import Account
from canyu.events.catalogue_file import check_catalogue, parse_catalogue
from canyu.events.importers import get_salt, hash_actor
from canyu.events.own_accounts import find_own_actors, read_accounts, write_accounts
from canyu.kit.errors import BadInput

HEAD = """format: 1
version: t
home: acme
name: Acme
entries:
  - {id: acme, kind: brand, name: Acme, aliases: [acme]}
  - {id: rival, kind: brand, competitor: true, name: Rival, aliases: [rival]}
"""
OWN = """accounts:
  - {source: weibo, id: '1771', name: Acme 微博}
  - {brand: rival, actor: rival-press}
"""
ACCOUNTS = (Account("acme", "weibo", "1771", "", "Acme 微博"), Account("rival", "", "", "rival-press"))


def test_accounts_of_a_catalogue_belong_to_its_home_unless_they_say_so() -> None:
    assert parse_catalogue(HEAD + OWN).accounts == ACCOUNTS
    assert parse_catalogue(HEAD).accounts == ()
    assert parse_catalogue(HEAD + OWN).fingerprint == parse_catalogue(HEAD).fingerprint  # they decide no link


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("{source: weibo}", "accounts.id"),
        ("{id: '1'}", "accounts.source"),
        ("{source: weibo, id: '1', actor: a}", "accounts.actor"),
        ("{source: weibo, id: '1771'}", "accounts"),
        ("{brand: nobody, actor: a}", "accounts.brand"),
        ("{actor: a, colour: red}", "accounts.colour"),
        ("{actor: [a]}", "accounts.actor"),
        ("text", "accounts"),
    ],
)
def test_each_fault_is_told_with_its_line_and_field(line: str, field: str) -> None:
    problems = check_catalogue(f"{HEAD}{OWN}  - {line}\n")
    assert (problems[0].line, problems[0].field) == (11, field)


def test_accounts_are_found_as_the_actors_of_one_lake(lake: canyu.Lake) -> None:
    assert find_own_actors(lake, ACCOUNTS) == {"rival-press"}  # without a salt, nobody of the lake is hashed
    assert not Path(lake.path, "actor.salt").exists()
    salt = get_salt(lake.path)
    assert find_own_actors(lake, ACCOUNTS) == {"rival-press", hash_actor(salt, "weibo", "1771")}


def test_a_table_becomes_lines_of_a_catalogue_and_back(tmp_path: Path) -> None:
    text = "\ufeffsource,id,name,brand,actor\nweibo,1771,Acme 微博,,\n,,,rival,rival-press\nx,7,it's,,\n"
    found = read_accounts(text, brand="acme")
    assert found == (*ACCOUNTS, Account("acme", "x", "7", "", "it's"))
    assert parse_catalogue(HEAD + write_accounts(found)).accounts == found
    catalogue, file = tmp_path / "c.yaml", tmp_path / "a.csv"
    catalogue.write_text(HEAD, "utf-8")
    file.write_text(text, "utf-8")
    done = CliRunner().invoke(program, ["catalogue", "accounts", str(file), "--catalogue", str(catalogue)])
    assert done.output == write_accounts(found)


def test_faults_of_a_table_name_row_and_field() -> None:
    with pytest.raises(BadInput) as told:
        read_accounts("source,id,actor\nweibo,,\n,,\nweibo,1,\nweibo,1,\nweibo,1,a\n", brand="acme")
    words = ["row 1, id: is missing", "row 2, source: is missing", "row 4, id: is given twice", "row 5, actor: stands"]
    assert "4 problem(s)" in str(told.value)
    assert [word for word in words if word not in str(told.value)] == []
    for text in ("", "colour,id\nred,1\n"):
        with pytest.raises(BadInput, match="The header is wrong"):
            read_accounts(text, brand="acme")
