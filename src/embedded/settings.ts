/**
 * How the embedded server runs. Given on its command line, so that they are in force whatever the cluster's own files
 * say, and change with the version of Boxoffice.
 */
export function serverSettings(port: number): Record<string, string> {
  return {
    // Reached by TCP on this machine only: a Unix socket's path may be too long under a deep DATA_DIR.
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "200",

    // A reply is given only after its events are durable.
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",

    // Memory is taken as it is used. The log grows to this before a checkpoint: more makes commits cheaper (fewer whole
    // pages are logged), less makes the start after a kill -9 quicker.
    shared_buffers: "256MB",
    work_mem: "8MB",
    maintenance_work_mem: "64MB",
    effective_cache_size: "1GB",
    min_wal_size: "128MB",
    max_wal_size: "1GB",
    checkpoint_timeout: "5min",
    wal_buffers: "16MB",
    random_page_cost: "1.1",
    jit: "off",
    max_logical_replication_workers: "0",

    timezone: "UTC",
    log_timezone: "UTC",
    lc_messages: "C", // the launcher reads the server's messages
    cluster_name: "boxoffice",

    // What is logged goes to Boxoffice's own log. Neither statements nor details of rows: they hold personal data.
    logging_collector: "off",
    log_destination: "stderr",
    log_line_prefix: "",
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    log_checkpoints: "off",
  };
}
