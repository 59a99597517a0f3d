//! Redfish BMC simulator with a simulated agent, faults injectable at run time
