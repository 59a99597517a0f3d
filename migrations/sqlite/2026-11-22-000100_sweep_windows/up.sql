-- The last window of time in which each sweep was carried out, so that one process wins each window.
CREATE TABLE sweep_windows (
    sweep TEXT PRIMARY KEY,
    won BIGINT NOT NULL
);
