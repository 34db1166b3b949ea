/** How many migrations lead to {@link SCHEMA}. */
export const SCHEMA_VERSION = 4;

/**
 * What the migrations leave behind, as statements that make it at once. Written by
 * `UPDATE_SCHEMA=1 npx vitest run test/unit/store/migrations.test.ts`, never by hand.
 */
export const SCHEMA = `
CREATE TABLE "runs" ("id" text not null primary key, "task" text not null, "state" text not null, "started_at" bigint not null, "ended_at" bigint, "program" text, "args_value" text, "result_value" text, "error_value" text, "host" text not null, "user_name" text not null, "pid" bigint not null, "cwd" text not null, "argv" text not null, "git_commit" text, "git_dirty" bigint, "ligase_version" text not null, "node_version" text not null, "tags" text not null, "mode" text default 'normal' not null, "pinned" bigint default 0 not null);
CREATE INDEX "runs_started" on "runs" ("started_at");
CREATE TABLE "programs" ("id" text not null primary key, "entry" text not null, "created_at" bigint not null, "modules" text not null, "packages" text not null);
CREATE TABLE "tasks" ("hash" text not null primary key, "name" text not null, "file" text not null, "line" bigint not null, "code" text not null, "doc" text not null, "closure" text not null, "created_at" bigint not null);
CREATE INDEX "tasks_name" on "tasks" ("name", "created_at");
CREATE TABLE "jobs" ("id" text not null primary key, "run" text not null, "parent" text, "call" text not null, "task" text not null, "task_hash" text not null, "args_value" text not null, "state" text not null, "reason" text not null, "executor" text not null, "created_at" bigint not null, "started_at" bigint, "ended_at" bigint, "attempts" bigint not null, "error_value" text, "tags" text);
CREATE INDEX "jobs_parent" on "jobs" ("run", "parent");
CREATE TABLE "attempts" ("job" text not null, "attempt" bigint not null, "executor" text not null, "host" text not null, "started_at" bigint not null, "ended_at" bigint, "outcome" text, "exit_code" bigint, "signal" text, "cpu" double precision, "memory" bigint, "gpu" double precision, "disk" bigint, "wall_ms" double precision, "cpu_ms" double precision, "peak_memory" bigint, "bytes_in" bigint, "bytes_out" bigint, "work_dir" text, "stdout" text, "stderr" text, "pgid" bigint, "pid_started" text, "error_value" text, "tools" text, "image" text, "limits" text, constraint "attempts_key" primary key ("job", "attempt"));
CREATE INDEX "attempts_open" on "attempts" ("job") where ended_at is null;
CREATE TABLE "calls" ("key" text not null primary key, "task" text not null, "task_hash" text not null, "image" text not null, "args_value" text not null, "body_kind" text not null, "body_value" text not null, "result_value" text, "task_set" text, "created_at" bigint not null, "job" text not null, "run" text not null);
CREATE INDEX "calls_task" on "calls" ("task", "created_at");
CREATE TABLE "task_sets" ("hash" text not null primary key, "tasks" text not null);
CREATE TABLE "call_edges" ("parent" text not null, "child" text not null, constraint "call_edges_key" primary key ("parent", "child")) without rowid;
CREATE TABLE "data_edges" ("call" text not null, "argument" text not null, "source" text not null, "part" text not null, constraint "data_edges_key" primary key ("call", "argument", "source", "part")) without rowid;
CREATE TABLE "recoveries" ("key" text not null primary key, "error_value" text not null, "task_set" text not null, "created_at" bigint not null);
CREATE TABLE "stored_values" ("hash" text not null primary key, "text" text, "file" text, "bytes" bigint not null);
CREATE TABLE "value_files" ("value" text not null, "path" text not null, "name" text not null, "hash" text not null, constraint "value_files_key" primary key ("value", "path"));
CREATE INDEX "value_files_hash" on "value_files" ("hash");
CREATE TABLE "fingerprints" ("path" text not null primary key, "size" bigint not null, "mtime_ns" text not null, "ctime_ns" text not null, "inode" text not null, "hash" text not null, "hashed_at" bigint not null);
CREATE TABLE "engines" ("id" text not null primary key, "run" text not null, "pid" bigint not null, "pid_started" text not null, "host" text not null, "started_at" bigint not null, "heartbeat_at" bigint not null, "seen" text);
CREATE TABLE "claims" ("call" text not null primary key, "engine" text not null) without rowid;
CREATE INDEX "claims_engine" on "claims" ("engine");
CREATE TABLE "cancellations" ("run" text not null primary key, "requested_at" bigint not null);
CREATE INDEX "jobs_task" on "jobs" ("run", "task", "state", "reason", "started_at", "ended_at");
CREATE INDEX "jobs_outside" on "jobs" ("run") where executor <> 'inline';
CREATE TABLE "images" ("digest" text not null, "identity" text not null, "engine" text not null, "definition" text not null, "packages" text not null, "reference" text, "created_at" bigint not null, constraint "images_key" primary key ("digest", "identity", "engine"));
CREATE INDEX "images_identity" on "images" ("identity", "created_at");
CREATE TABLE "secrets" ("name" text not null primary key, "sealed" text not null, "created_at" bigint not null, "updated_at" bigint not null) without rowid;
CREATE INDEX "runs_of_people" on "runs" ("started_at") where substr(task, 1, 9) <> 'endpoint:';
CREATE INDEX "runs_running" on "runs" ("started_at") where state = 'running';
CREATE TABLE "deployments" ("id" text not null primary key, "app" text not null, "version" bigint not null, "state" text not null, "manifest" text not null, "created_at" bigint not null, "created_by" text not null);
CREATE UNIQUE INDEX "deployments_app" on "deployments" ("app", "version");
CREATE TABLE "endpoints" ("name" text not null primary key, "app" text not null, "deployment" text not null, "overrides" text not null, "stopped" bigint not null) without rowid;
CREATE TABLE "queue_jobs" ("id" text not null primary key, "endpoint" text not null, "deployment" text, "state" text not null, "reason" text, "priority" bigint not null, "created_at" bigint not null, "queued_at" bigint not null, "taken_at" bigint, "ended_at" bigint, "expires_at" bigint not null, "timeout_ms" bigint not null, "collect_at" bigint, "attempts" bigint not null, "retries" bigint not null, "worker" text, "input" text, "input_file" text, "output" text, "output_file" text, "output_size" bigint, "error" text, "chunks" bigint not null, "delivered" bigint not null, "webhook" text, "webhook_state" text, "webhook_tries" bigint not null, "webhook_at" bigint, "s3_config" text, "idempotency_key" text, "submitted_by" text, "run" text, "recorded" bigint not null);
CREATE INDEX "queue_jobs_endpoint" on "queue_jobs" ("endpoint", "created_at");
CREATE INDEX "queue_jobs_state" on "queue_jobs" ("state", "created_at");
CREATE INDEX "queue_jobs_collect" on "queue_jobs" ("collect_at") where "collect_at" is not null;
CREATE INDEX "queue_jobs_unrecorded" on "queue_jobs" ("ended_at") where recorded = 0 and ended_at is not null;
CREATE INDEX "queue_jobs_webhook" on "queue_jobs" ("webhook_at") where webhook_state = 'waiting';
CREATE UNIQUE INDEX "queue_jobs_idempotency" on "queue_jobs" ("endpoint", "idempotency_key") where "idempotency_key" is not null;
CREATE TABLE "queue_totals" ("endpoint" text not null, "state" text not null, "jobs" bigint not null, "retried" bigint not null, constraint "queue_totals_key" primary key ("endpoint", "state")) without rowid;
CREATE TABLE "queue_chunks" ("job" text not null, "number" bigint not null, "output" text not null, constraint "queue_chunks_key" primary key ("job", "number")) without rowid;
CREATE TABLE "workers" ("id" text not null primary key, "endpoint" text not null, "deployment" text not null, "state" text not null, "started_at" bigint not null, "ready_at" bigint, "ended_at" bigint, "reason" text, "exit_code" bigint, "signal" text, "jobs" bigint not null, "peak_memory" bigint, "cpu_ms" bigint, "stdout" text not null, "stderr" text not null, "pgid" bigint, "pid_started" text);
CREATE INDEX "workers_endpoint" on "workers" ("endpoint", "started_at");
CREATE TABLE "api_keys" ("id" text not null primary key, "name" text not null, "hash" text not null, "hint" text not null, "scopes" text not null, "created_at" bigint not null, "expires_at" bigint, "revoked_at" bigint, "used_at" bigint);
CREATE UNIQUE INDEX "api_keys_hash" on "api_keys" ("hash");
`;
