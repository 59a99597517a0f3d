DROP TABLE installer_logs;
