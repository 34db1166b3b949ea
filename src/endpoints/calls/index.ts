/**
 * What handlers call, and runs that are handed in. `drivers.ts` evaluates what handlers await, in processes with an engine
 * (`driver/` is what runs in them); `record.ts` puts jobs whose handlers called nothing into the call graph; `runs.ts` takes
 * runs in, each in a process of its own.
 *
 * It must not load user code: that is for the processes it starts.
 *
 * @module
 */
export { type DriversOptions, openDrivers } from "./drivers.ts";
