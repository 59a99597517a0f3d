//! Worker: claim, task, step engine, actions, reporter
