//! Use cases of the control plane: authorise, decide, commit, wake
