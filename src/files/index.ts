/**
 * Files: `File` and `Dir` as values, what they contain (fingerprints), how they come into a job's
 * work directory (staging) and out of it (outputs), and where people get them (publish).
 *
 * It must not know the store, tasks, jobs or who runs them: an index of fingerprints is handed to
 * it, and paths are all it is told of a job.
 *
 * @module
 */
export { type Activities, type ActivityKind } from "./activity.ts";
export { ActivityBoard, type ActivityReport } from "./activity-board.ts";
export { fileAtoms, type FileContext } from "./codec.ts";
export { commitFiles, type CommitOptions, commitOutputs, commitValueFiles } from "./commit.ts";
export { Dir } from "./dir.ts";
export { DiskGuard, type DiskGuardOptions, freeBytes, type LowDisk } from "./disk.ts";
export { File } from "./file.ts";
export { type Fingerprint, type FingerprintIndex, type FingerprintRow } from "./fingerprint.ts";
export { type FingerprintOptions, Fingerprints } from "./fingerprints.ts";
export { fsError } from "./fs-error.ts";
export { Glob } from "./glob.ts";
export { fetchInput, type FetchedInput, type FetchOptions } from "./http.ts";
export { knownOf, type Known, localPath, relocate } from "./located.ts";
export { nameOf, projectDir, setProjectDir } from "./location.ts";
export { type LinkOptions } from "./links/index.ts";
export { collectOutputs, type CollectOptions, type OutputValue } from "./outputs.ts";
export { readMembers } from "./manifest.ts";
export { isMediaType, mediaTypeOf } from "./media-types.ts";
export { mapOutputs, optional, type OptionalOutput, type OutputPattern } from "./spec.ts";
export { stage, type Staged, type StagedInput, type StageMode, type StageOptions, StagingPlan } from "./staging.ts";
export { Output, output, type OutputOptions, saidType } from "./output.ts";
export { currentWorkDir, withWorkDir, WorkDir } from "./work-dir.ts";
export { type Content, writeAtomically } from "./write.ts";
export { eachWritten, type FileTag, holdsFiles, holdsOutputs, isFileTag, type WrittenFile } from "./written.ts";
