"""Normalise one assay plate by its controls and say what it is worth."""

import argparse
import csv
import json
import pathlib
import statistics


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plate", type=pathlib.Path)
    parser.add_argument("--quality", type=pathlib.Path, required=True)
    parser.add_argument("--wells", type=pathlib.Path, required=True)
    options = parser.parse_args()

    with options.plate.open(newline="") as table:
        rows = list(csv.DictReader(table))
    negative = [float(row["signal"]) for row in rows if row["compound"] == "negative"]
    positive = [float(row["signal"]) for row in rows if row["compound"] == "positive"]
    if len(negative) < 2 or len(positive) < 2:
        raise SystemExit(f"{options.plate.name}: needs at least two negative and two positive controls")

    low, high = statistics.mean(positive), statistics.mean(negative)
    spread = 3 * (statistics.stdev(positive) + statistics.stdev(negative))
    quality = {
        "plate": options.plate.stem,
        "wells": len(rows),
        "zPrime": round(1 - spread / abs(high - low), 3),
    }
    options.quality.write_text(json.dumps(quality) + "\n")

    with options.wells.open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["plate", "well", "compound", "inhibition"])
        for row in rows:
            if row["compound"] not in ("negative", "positive"):
                inhibition = 100 * (high - float(row["signal"])) / (high - low)
                writer.writerow([options.plate.stem, row["well"], row["compound"], f"{inhibition:.1f}"])


main()
