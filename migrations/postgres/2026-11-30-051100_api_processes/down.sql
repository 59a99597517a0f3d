DROP TABLE api_processes;
