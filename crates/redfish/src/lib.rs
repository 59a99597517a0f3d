//! The redfish hardware type: client, interfaces, virtual media
