"""A machine of paper: the real ironic-python-agent runs on it and believes that it is alone on a server.

`boot` starts the agent, `cage` keeps it from whatever is real, `commands` answers the programs that it would run,
`hardware` is its hardware manager, `paper` is the folder that holds the machine's disk and firmware.
"""
