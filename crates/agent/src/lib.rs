//! Client of the ironic-python-agent and the agent-side interfaces
