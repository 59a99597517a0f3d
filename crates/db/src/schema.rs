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
        operation_item -> Nullable<BigInt>,
        resume_at -> Nullable<Timestamp>,
        awaited_by -> Nullable<Text>,
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
        fingerprint -> Nullable<Text>,
        exchange -> Nullable<Text>,
    }
}

diesel::table! {
    error_fingerprints (fingerprint) {
        fingerprint -> Text,
        code -> Text,
        step -> Nullable<Text>,
        message_id -> Nullable<Text>,
        template -> Text,
        first_seen -> Timestamp,
        last_seen -> Timestamp,
        seen -> BigInt,
    }
}

diesel::table! {
    task_troubles (task_id, code) {
        task_id -> Text,
        code -> Text,
        summary -> Text,
        evidence -> Nullable<Text>,
        first_at -> Timestamp,
        last_at -> Timestamp,
        seen -> BigInt,
    }
}

diesel::table! {
    vmedia_outcomes (vendor, model, bmc_firmware) {
        vendor -> Text,
        model -> Text,
        bmc_firmware -> Text,
        booted -> BigInt,
        refused -> BigInt,
        silent -> BigInt,
        last_at -> Timestamp,
    }
}

diesel::table! {
    node_hardware (node_uuid) {
        node_uuid -> Text,
        vendor -> Nullable<Text>,
        model -> Nullable<Text>,
        bmc_firmware -> Nullable<Text>,
        bios_version -> Nullable<Text>,
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

diesel::allow_tables_to_appear_in_same_query!(
    nodes,
    node_history,
    node_inventory,
    tasks,
    ports,
    portgroups,
    allocations,
    volume_connectors,
    volume_targets,
    operations,
    operation_items
);

diesel::table! {
    sweep_windows (sweep) {
        sweep -> Text,
        won -> BigInt,
    }
}

diesel::table! {
    chassis (id) {
        id -> BigInt,
        uuid -> Text,
        description -> Nullable<Text>,
        extra -> Text,
        created_at -> Timestamp,
        updated_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    portgroups (id) {
        id -> BigInt,
        uuid -> Text,
        node_uuid -> Text,
        name -> Nullable<Text>,
        address -> Nullable<Text>,
        mode -> Nullable<Text>,
        standalone_ports_supported -> Bool,
        physical_network -> Nullable<Text>,
        category -> Nullable<Text>,
        dynamic_portgroup -> Bool,
        detail -> Text,
        created_at -> Timestamp,
        updated_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    allocations (id) {
        id -> BigInt,
        uuid -> Text,
        generation -> BigInt,
        name -> Nullable<Text>,
        node_uuid -> Nullable<Text>,
        state -> Text,
        resource_class -> Nullable<Text>,
        owner -> Nullable<Text>,
        last_error -> Nullable<Text>,
        traits -> Text,
        candidate_nodes -> Text,
        extra -> Text,
        created_at -> Timestamp,
        updated_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    deploy_templates (id) {
        id -> BigInt,
        uuid -> Text,
        generation -> BigInt,
        name -> Text,
        steps -> Text,
        extra -> Text,
        created_at -> Timestamp,
        updated_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    runbooks (id) {
        id -> BigInt,
        uuid -> Text,
        generation -> BigInt,
        name -> Text,
        description -> Nullable<Text>,
        disable_ramdisk -> Bool,
        public -> Bool,
        owner -> Nullable<Text>,
        traits -> Text,
        steps -> Text,
        extra -> Text,
        created_at -> Timestamp,
        updated_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    volume_connectors (id) {
        id -> BigInt,
        uuid -> Text,
        node_uuid -> Text,
        #[sql_name = "type"]
        kind -> Text,
        connector_id -> Text,
        extra -> Text,
        created_at -> Timestamp,
        updated_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    volume_targets (id) {
        id -> BigInt,
        uuid -> Text,
        node_uuid -> Text,
        volume_type -> Text,
        boot_index -> BigInt,
        volume_id -> Text,
        properties -> Text,
        extra -> Text,
        created_at -> Timestamp,
        updated_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    inspection_rules (id) {
        id -> BigInt,
        uuid -> Text,
        priority -> BigInt,
        description -> Nullable<Text>,
        phase -> Nullable<Text>,
        sensitive -> Bool,
        conditions -> Text,
        actions -> Text,
        created_at -> Timestamp,
        updated_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    operations (id) {
        id -> BigInt,
        uuid -> Text,
        generation -> BigInt,
        kind -> Text,
        state -> Text,
        max_parallel -> BigInt,
        failure_budget -> Nullable<BigInt>,
        params -> Text,
        owner -> Text,
        actor -> Text,
        total -> BigInt,
        lease_expires_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    operation_items (id) {
        id -> BigInt,
        operation_uuid -> Text,
        position -> BigInt,
        subject -> Text,
        state -> Text,
        document -> Text,
        attempts -> BigInt,
        retry_at -> Nullable<Timestamp>,
        task_id -> Nullable<Text>,
        result -> Nullable<Text>,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    idempotency_keys (id) {
        id -> BigInt,
        caller -> Text,
        key -> Text,
        request_digest -> Text,
        identity -> Text,
        status -> Nullable<BigInt>,
        location -> Nullable<Text>,
        body -> Nullable<Text>,
        claimed_at -> Timestamp,
        created_at -> Timestamp,
    }
}

diesel::table! {
    installer_logs (node_uuid) {
        node_uuid -> Text,
        task_id -> Text,
        tail -> Text,
    }
}

diesel::table! {
    node_bios (node_uuid) {
        node_uuid -> Text,
        settings -> Text,
    }
}

diesel::table! {
    node_firmware (node_uuid) {
        node_uuid -> Text,
        components -> Text,
    }
}

diesel::table! {
    driver_calls (id) {
        id -> Text,
        conductor_group -> Text,
        driver -> Text,
        interface -> Text,
        method -> Text,
        http_method -> Text,
        args -> Text,
        state -> Text,
        claimed_by -> Nullable<Text>,
        result -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    boot_attempts (id) {
        id -> BigInt,
        node_uuid -> Text,
        task_id -> Nullable<Text>,
        purpose -> Text,
        token -> Text,
        interface -> Text,
        number -> Integer,
        started_at -> Timestamp,
        deadline_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    boot_files (attempt_id, file) {
        attempt_id -> BigInt,
        file -> Text,
        head_at -> Nullable<Timestamp>,
        get_at -> Nullable<Timestamp>,
        bytes -> BigInt,
        total_bytes -> BigInt,
        seen_at -> Timestamp,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    api_processes (id) {
        id -> Text,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    node_changes (revision) {
        revision -> BigInt,
        node_uuid -> Text,
        generation -> BigInt,
        kind -> Text,
        owner -> Nullable<Text>,
        lessee -> Nullable<Text>,
        owner_before -> Nullable<Text>,
        lessee_before -> Nullable<Text>,
    }
}
