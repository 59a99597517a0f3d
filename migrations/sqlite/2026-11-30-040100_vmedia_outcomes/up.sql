-- How boots from virtual media end, by what the node is; no node is named.
CREATE TABLE vmedia_outcomes (
    vendor TEXT NOT NULL,
    model TEXT NOT NULL,
    bmc_firmware TEXT NOT NULL,
    booted BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    silent BIGINT NOT NULL,
    last_at TIMESTAMP NOT NULL,
    PRIMARY KEY (vendor, model, bmc_firmware)
);
