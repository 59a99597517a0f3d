DROP TABLE boot_files;
DROP TABLE boot_attempts;
