namespace IotPlatform.Api.Rest;

/// <summary>The REST form of the contract in <c>protos/iot/v1</c>.</summary>
internal static class RestRoutes
{
    private const string Products = "/v1/products";
    private const string Product = Products + "/{productKey}";
    private const string Broadcasts = Product + "/broadcasts";
    private const string Devices = Product + "/devices";
    private const string Device = Devices + "/{deviceName}";
    private const string Messages = Device + "/messages";

    private const string Pushes = "/v1/statusPushes";
    private const string Push = Pushes + "/{pushId}";
    private const string Bans = "/v1/bans";
    private const string Traces = "/v1/traces";

    /// <summary>Every route of version 1; the first that matches a request answers it.</summary>
    public static IReadOnlyList<RestRoute> V1 { get; } =
    [
        RestRoute.Post(Broadcasts, "iot.v1.Messaging/PubBroadcast", "Sends one message to every online device of a product and answers with the receipt."),
        RestRoute.Get(Broadcasts, "iot.v1.Messaging/ListBroadcasts", "Lists the broadcasts of a product, newest first."),
        RestRoute.Post(Broadcasts + "/{messageId}:cancel", "iot.v1.Messaging/CancelBroadcast", "Ends a broadcast that still goes on."),
        RestRoute.Post(Broadcasts + "/{messageId}:retry", "iot.v1.Messaging/RetryBroadcast", "Sends a QoS 1 broadcast again to the devices that have not acknowledged it."),
        RestRoute.Get(
            Broadcasts + "/{messageId}/unacknowledged",
            "iot.v1.Messaging/ListBroadcastUnacknowledged",
            "Lists the devices that have not acknowledged a QoS 1 broadcast, in the order of their names."),
        RestRoute.Get(Broadcasts + "/{messageId}", "iot.v1.Messaging/GetBroadcast", "Shows the receipt of a broadcast; live while it runs."),

        RestRoute.Create(Messages, "iot.v1.Messaging/SendDeviceMessage", "Accepts one durable message for one device."),
        RestRoute.Post(
            Product + "/messages:batchSend",
            "iot.v1.Messaging/BatchSendDeviceMessage",
            "Accepts one durable message for each of up to 1,000 devices of a product; each has its own outcome."),
        RestRoute.Get(Messages + "/{messageId}", "iot.v1.Messaging/GetDeviceMessage", "Shows one message with its life so far."),
        RestRoute.Get(Messages, "iot.v1.Messaging/ListDeviceMessages", "Lists the messages of one device, newest first."),
        RestRoute.Post(Device + ":invoke", "iot.v1.Messaging/InvokeDevice", "Sends one request to a device that is online, and answers with what the device answers."),

        RestRoute.Post(Messages + "/{messageId}:cancel", "iot.v1.Messaging/CancelDeviceMessage", "Ends a message that has not ended, as failed."),
        RestRoute.Post(Messages + ":purge", "iot.v1.Messaging/PurgeDeviceMessages", "Ends all messages of a device that have not ended, as failed."),
        RestRoute.Get(Product + "/messages", "iot.v1.Messaging/ListProductMessages", "Lists the messages of a product's devices, by device, the oldest of each first."),

        RestRoute.Get("/v1/messageEvents", "iot.v1.Messaging/ListDeviceMessageEvents", "Lists the changes of messages' statuses, page by page."),

        RestRoute.Create(Pushes, "iot.v1.StatusPushes/CreateStatusPush", "Has status events pushed to a URL; only this answer carries the secret."),
        RestRoute.Get(Pushes, "iot.v1.StatusPushes/ListStatusPushes", "Lists the pushes, the oldest first."),
        RestRoute.Post(Push + ":resume", "iot.v1.StatusPushes/ResumeStatusPush", "Has a parked push go on from where it stopped."),
        RestRoute.Get(Push, "iot.v1.StatusPushes/GetStatusPush", "Shows a push, and how it fares."),
        RestRoute.Delete(Push, "iot.v1.StatusPushes/DeleteStatusPush", "Ends a push."),

        RestRoute.Create(Products, "iot.v1.Registry/CreateProduct", "Creates a product."),
        RestRoute.Get(Products, "iot.v1.Registry/ListProducts", "Lists products in the order of their keys."),
        RestRoute.Post(Product + ":enable", "iot.v1.Registry/EnableProduct", "Lets the devices of a product log in again."),
        RestRoute.Post(Product + ":disable", "iot.v1.Registry/DisableProduct", "Refuses the logins of a product's devices and closes their connections."),
        RestRoute.Post(Product + ":setTopicPermissions", "iot.v1.Registry/SetTopicPermissions", "Replaces what a product's devices may use beyond their own branches."),
        RestRoute.Post(Product + ":setMessagePolicy", "iot.v1.Registry/SetMessagePolicy", "Replaces how messages to a product's devices are kept and retried."),
        RestRoute.Get(Product, "iot.v1.Registry/GetProduct", "Shows a product."),
        RestRoute.Delete(Product, "iot.v1.Registry/DeleteProduct", "Deletes a product that has no devices."),

        RestRoute.Create(Devices, "iot.v1.Registry/CreateDevice", "Registers a device; only this answer carries its secret."),
        RestRoute.Create(Devices + ":batchCreate", "iot.v1.Registry/BatchCreateDevices", "Registers up to 1,000 devices, all or none."),
        RestRoute.Get(Devices, "iot.v1.Registry/ListDevices", "Lists the devices of a product in the order of their names."),
        RestRoute.Post(Device + ":enable", "iot.v1.Registry/EnableDevice", "Lets a device log in again."),
        RestRoute.Post(Device + ":disable", "iot.v1.Registry/DisableDevice", "Refuses a device's logins and closes its connection."),
        RestRoute.Post(Device + ":setTags", "iot.v1.Registry/SetDeviceTags", "Replaces the tags of a device."),
        RestRoute.Post(Device + ":resetSecret", "iot.v1.Registry/ResetDeviceSecret", "Makes a new secret for a device and answers with it."),
        RestRoute.Get(Device, "iot.v1.Registry/GetDevice", "Shows a device and its connection."),
        RestRoute.Delete(Device, "iot.v1.Registry/DeleteDevice", "Deletes a device, closes its connection and fails its waiting messages."),

        RestRoute.Get(Device + "/client", "iot.v1.Clients/GetClient", "Shows a device's client: its connection, or the session that waits for it."),
        RestRoute.Post(Device + "/client:kick", "iot.v1.Clients/KickClient", "Closes a device's connection."),
        RestRoute.Get("/v1/clients", "iot.v1.Clients/ListClients", "Lists the connected clients of all gateways, in the order of their names."),
        RestRoute.Get("/v1/clients:slow", "iot.v1.Clients/ListSlowClients", "Lists the connected clients that do not take what they are sent, the slowest first."),
        RestRoute.Create(Bans, "iot.v1.Clients/CreateBan", "Keeps a device or an address from logging in for a time."),
        RestRoute.Get(Bans, "iot.v1.Clients/ListBans", "Lists the bans, the latest first."),
        RestRoute.Delete(Bans + "/{banId}", "iot.v1.Clients/DeleteBan", "Lifts a ban."),

        RestRoute.Create(Traces, "iot.v1.Traces/StartTrace", "Has every gateway note packets for a time."),
        RestRoute.Get(Traces, "iot.v1.Traces/ListTraces", "Lists the traces that stand."),
        RestRoute.Get(Traces + "/{traceId}/events", "iot.v1.Traces/ListTraceEvents", "Shows what a trace has noted."),
        RestRoute.Delete(Traces + "/{traceId}", "iot.v1.Traces/StopTrace", "Ends a trace, and forgets what it has noted."),

        RestRoute.Get("/v1/gateways", "iot.v1.Cluster/ListGateways", "Lists the gateways that are alive."),
    ];
}
