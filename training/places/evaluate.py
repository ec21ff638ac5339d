"""How often a printed address is given its right ward, and how often a wrong one without a warning.

Addresses are made up around real wards; those of wards with an even code chose the thresholds (`--tune`), those with an
odd code are reported. Each list is asked for its own addresses, and both lists, as for a card issued since July 2025, for those
of the new one.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from time import process_time
from types import MappingProxyType
from typing import NamedTuple

from pipelines.parsing.addresses import NEW_UNITS, find_place, place_of
from pipelines.parsing.units import table
from pipelines.types import AddressSystem, Place
from training.places.noise import TRUNCATED, WHOLE, Chain, chains, misread

PER_CONDITION, QUICK = 2000, 200
TUNING_SEED, SEED = 11, 2026


def in_list(system: AddressSystem) -> Callable[[str], Place]:
    return lambda text: find_place(text, system).place


ASKED: Mapping[str, tuple[AddressSystem, Callable[[str], Place]]] = MappingProxyType(
    {
        **{system.value: (system, in_list(system)) for system in AddressSystem},
        "both_lists": (AddressSystem.CURRENT_34, lambda text: place_of(text, NEW_UNITS)),
    }
)
"""What is asked -> whose wards the addresses are of, and how the place is told."""


class Score(NamedTuple):
    condition: str
    right: float
    none: float
    wrong: float
    district: float
    ms: float


def score(
    condition: str,
    write: Callable[[Chain, random.Random], str],
    rate: float,
    sample: Sequence[Chain],
    find: Callable[[str], Place],
    rng: random.Random,
    shown: int = 0,
) -> Score:
    right = none = wrong = districts = 0
    spent = 0.0
    for chain in sample:
        text = misread(write(chain, rng), rng, rate)
        started = process_time()
        place = find(text)
        spent += process_time() - started
        known = place.district is not None and chain.district is not None
        districts += known and place.district.code == chain.district.code  # type: ignore[union-attr]
        if place.ward is None:
            none += 1
        elif place.ward.code == chain.ward.code:
            right += 1
        else:
            wrong += 1
        if shown and (place.ward is None or place.ward.code != chain.ward.code):
            shown -= 1
            print(f"    {text!r}: {chain.ward.full_name} {chain.ward.code} -> {place.ward}")
    n = len(sample)
    return Score(condition, right / n, none / n, wrong / n, districts / n, 1000 * spent / n)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/evaluate places", description=__doc__)
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object as the last line"
    )
    parser.add_argument("--quick", action="store_true", help="200 addresses per condition")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--tune", action="store_true", help="the addresses that chose thresholds")
    parser.add_argument("--show", type=int, default=0, help="print so many failures per condition")
    asked = parser.parse_args(argv)
    seed = TUNING_SEED if asked.tune else asked.seed
    count = QUICK if asked.quick else PER_CONDITION
    started = process_time()
    table()
    load_ms = 1000 * (process_time() - started)
    told: dict[str, dict[str, dict[str, float]]] = {}
    for asked_of, (system, find) in ASKED.items():
        wards = [c for c in chains(system) if int(c.ward.code) % 2 != asked.tune]
        print(f"\n{asked_of}: {'condition':28} right    N/A      wrong    district ms")
        told[asked_of] = {}
        for name, (write, rate) in {**WHOLE, **TRUNCATED}.items():
            rng = random.Random(f"{seed} {name}")
            sample = [rng.choice(wards) for _ in range(count)]
            result = score(name, write, rate, sample, find, rng, asked.show)
            print(
                f"{'':11}{name:28} {result.right:.4f}   {result.none:.4f}   {result.wrong:.4f}   "
                f"{result.district:.4f}   {result.ms:.2f}",
                flush=True,
            )
            told[asked_of][name] = {k: v for k, v in result._asdict().items() if k != "condition"}
    print(f"\ntable read in {load_ms:.0f} ms")
    if asked.json:
        print(json.dumps({"load_ms": load_ms, "systems": told}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
