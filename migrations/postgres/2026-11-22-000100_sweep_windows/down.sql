DROP TABLE sweep_windows;
