//! The tables, as the migrations of both back ends make them (I-8: portable column types only).

diesel::table! {
    nodes (id) {
        id -> BigInt,
        uuid -> Text,
        generation -> BigInt,
        name -> Nullable<Text>,
        driver -> Text,
        provision_state -> Text,
        target_provision_state -> Nullable<Text>,
        provision_updated_at -> Nullable<Timestamp>,
        power_state -> Nullable<Text>,
        target_power_state -> Nullable<Text>,
        maintenance -> Bool,
        fault -> Nullable<Text>,
        reservation -> Nullable<Text>,
        instance_uuid -> Nullable<Text>,
        instance_name -> Nullable<Text>,
        allocation_uuid -> Nullable<Text>,
        resource_class -> Nullable<Text>,
        conductor_group -> Text,
        owner -> Nullable<Text>,
        lessee -> Nullable<Text>,
        shard -> Nullable<Text>,
        parent_node -> Nullable<Text>,
        chassis_uuid -> Nullable<Text>,
        retired -> Bool,
        description -> Nullable<Text>,
        traits -> Text,
        inspection_started_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Nullable<Timestamp>,
        spec -> Text,
        status -> Text,
    }
}

diesel::table! {
    ports (id) {
        id -> BigInt,
        uuid -> Text,
        node_uuid -> Text,
        address -> Text,
        name -> Nullable<Text>,
        portgroup_uuid -> Nullable<Text>,
        pxe_enabled -> Bool,
        physical_network -> Nullable<Text>,
        detail -> Text,
        created_at -> Nullable<Timestamp>,
        updated_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    conductors (id) {
        id -> BigInt,
        hostname -> Text,
        conductor_group -> Text,
        incarnation -> Text,
        drivers -> Text,
        online -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    tasks (id) {
        id -> Text,
        node_uuid -> Text,
        conductor_group -> Text,
        action -> Text,
        state -> Text,
        params -> Text,
        progress -> Text,
        epoch -> BigInt,
        sequence -> BigInt,
        lost_leases -> Integer,
        claimed_by -> Nullable<Text>,
        lease_expires_at -> Nullable<Timestamp>,
        deadline_at -> Nullable<Timestamp>,
        boot_token -> Nullable<Text>,
        requested_by -> Nullable<Text>,
        project -> Nullable<Text>,
        request_id -> Nullable<Text>,
        result -> Nullable<Text>,
        created_at -> Timestamp,
        started_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        kind -> Text,
        conductor_group -> Text,
        payload -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    node_history (id) {
        id -> BigInt,
        uuid -> Text,
        node_uuid -> Text,
        created_at -> Timestamp,
        conductor -> Nullable<Text>,
        event_type -> Text,
        severity -> Text,
        event -> Text,
        requested_by -> Nullable<Text>,
        project -> Nullable<Text>,
        state -> Nullable<Text>,
        target_provision_state -> Nullable<Text>,
        duration_seconds -> Nullable<BigInt>,
        details -> Text,
    }
}

diesel::table! {
    node_inventory (node_uuid) {
        node_uuid -> Text,
        inventory -> Text,
        plugin_data -> Text,
    }
}

diesel::table! {
    /// Written by diesel's migration harness.
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(nodes, ports);

diesel::table! {
    sweep_windows (sweep) {
        sweep -> Text,
        won -> BigInt,
    }
}
