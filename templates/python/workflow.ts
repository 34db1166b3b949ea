import { File, map, script, task } from "ligase";

/** What a plate of an assay is worth. */
interface PlateQuality {
  plate: string;
  wells: number;
  /** Z′ (Zhang et al. 1999): above 0.5 the assay tells its controls apart well. */
  zPrime: number;
}

/** The Python program that measures a plate. It is an input like any other: edit it, and the plates are measured again. */
const program = new File("scripts/plate.py");

/** Normalises a plate by its controls, and says what it is worth. */
export const measurePlate = task(
  { cpu: 1 },
  (plate: File) =>
    // A script runs in a directory of its own; files are brought there, and `outputs` names what it must leave.
    script({ outputs: { quality: "quality.json", wells: "wells.csv" } })`
    python3 ${program} ${plate} --quality quality.json --wells wells.csv
  `,
);

/** Ranks the compounds of all plates. Python may stand right here, too: what is filled in becomes a Python literal. */
export const rankCompounds = task(
  { cpu: 1 },
  (wells: File[], top: number) =>
    script({ interpreter: "python3", outputs: "ranking.csv" })`
    import csv

    rows = [row for path in ${wells} for row in csv.DictReader(open(path, newline=""))]
    rows.sort(key=lambda row: -float(row["inhibition"]))
    with open("ranking.csv", "w", newline="") as out:
        writer = csv.DictWriter(out, ["compound", "inhibition", "plate", "well"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[:${top}])
  `,
);

/** Reads what Python wrote as a typed value. */
export const readQuality = task((quality: File) => quality.json<PlateQuality>());

/**
 * Measures the plates of an assay with Python and ranks their compounds.
 *
 * @param plates - CSV with the columns well, compound and signal; controls are called negative and positive
 * @param top - so many compounds are in the ranking
 */
export const main = task(
  (plates: File[] = [new File("data/plate1.csv"), new File("data/plate2.csv")], top: number = 5) => {
    const measured = map(plates, (plate) => measurePlate(plate));
    return {
      quality: map(measured, ({ quality }) => readQuality(quality)),
      ranking: rankCompounds(
        map(measured, ({ wells }) => wells),
        top,
      ),
    };
  },
);
