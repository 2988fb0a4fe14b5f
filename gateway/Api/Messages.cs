using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using IotPlatform.Broadcasts;
using IotPlatform.Clients;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Orders;
using IotPlatform.Products;
using IotPlatform.Protos.V1;
using IotPlatform.Sessions;

namespace IotPlatform.Api;

/// <summary>The grains' answers as messages of the contract.</summary>
internal static class Messages
{
    public static Broadcast ToMessage(this BroadcastReceipt receipt) => new()
    {
        ProductKey = receipt.ProductKey,
        MessageId = receipt.MessageId,
        TopicFullName = receipt.Topic ?? "",
        Qos = receipt.QoS,
        PayloadSize = receipt.PayloadBytes,
        Status = (Broadcast.Types.Status)(int)receipt.Status,
        Targeted = receipt.Tally.Targeted,
        Written = receipt.Tally.Written,
        Dropped = receipt.Tally.Dropped,
        Unknown = receipt.Tally.Unknown,
        CreatedAt = receipt.CreatedAt.ToTimestamp(),
        CompletedAt = receipt.CompletedAt?.ToTimestamp(),
        Waiting = receipt.Tally.Waiting,
        Acknowledged = receipt.Tally.Acknowledged,
        Late = receipt.Tally.Late,
        Retried = receipt.Tally.Retried,
        Filter = receipt.Filter?.ToMessage(),
        MaxRate = receipt.MaxRate,
        ExpiresAt = receipt.ExpiresAt?.ToTimestamp(),
        Gateways = { receipt.Gateways.Select(ToMessage) },
    };

    private static Broadcast.Types.Gateway ToMessage(GatewayTally gateway) => new()
    {
        GatewayId = gateway.Gateway.Value,
        Targeted = gateway.Tally.Targeted,
        Written = gateway.Tally.Written,
        Dropped = gateway.Tally.Dropped,
        Unknown = gateway.Tally.Unknown,
        Waiting = gateway.Tally.Waiting,
        Acknowledged = gateway.Tally.Acknowledged,
        Late = gateway.Tally.Late,
        Retried = gateway.Tally.Retried,
    };

    private static Protos.V1.BroadcastFilter ToMessage(this Broadcasts.BroadcastFilter filter)
    {
        var message = new Protos.V1.BroadcastFilter { DeviceNamePrefix = filter.DeviceNamePrefix };
        foreach (var tag in filter.Tags)
        {
            message.Tags.Add(tag.Key, tag.Value);
        }

        return message;
    }

    public static InvokeDeviceResponse ToMessage(this InvocationResult result) => new()
    {
        Outcome = (InvokeDeviceResponse.Types.Outcome)(int)result.Outcome,
        RequestId = result.RequestId,
        Payload = UnsafeByteOperations.UnsafeWrap(result.Payload),
        Duration = result.Duration.ToDuration(),
    };

    public static Gateway ToMessage(this GatewayStatus status) => new()
    {
        GatewayId = status.Lease.Gateway.Value,
        Epoch = status.Lease.Epoch,
        Address = status.Lease.Address,
        Draining = status.Lease.IsDraining,
        Connections = status.Connections,
        RenewedAt = status.RenewedAt.ToTimestamp(),
    };

    public static Protos.V1.DeviceMessage ToMessage(this Devices.DeviceMessage message) => new()
    {
        ProductKey = message.Device.ProductKey,
        DeviceName = message.Device.DeviceName,
        MessageId = message.MessageId,
        Name = message.Name,
        Payload = UnsafeByteOperations.UnsafeWrap(message.Payload),
        Topic = message.Topic,
        Qos = message.QoS,
        Status = message.Progress.Status.ToMessage(),
        Attempts = message.Progress.Attempts,
        Reason = message.Progress.Reason ?? "",
        CreatedAt = message.CreatedAt.ToTimestamp(),
        SentAt = message.Progress.SentAt?.ToTimestamp(),
        FinishedAt = message.Progress.FinishedAt?.ToTimestamp(),
        ExpiresAt = message.ExpiresAt.ToTimestamp(),
        AcknowledgedLateAt = message.Progress.AcknowledgedLateAt?.ToTimestamp(),
        Transitions = { Transitions(message) },
    };

    private static IEnumerable<DeviceMessageTransition> Transitions(Devices.DeviceMessage message)
    {
        var progress = message.Progress;
        yield return Transition(MessageStatus.Pending, message.CreatedAt, attempts: 0);
        var attempts = 0;
        if (progress.SentAt is { } sentAt)
        {
            yield return Transition(MessageStatus.Sent, sentAt, ++attempts);
        }

        foreach (var resentAt in progress.ResentAt.IsDefault ? [] : progress.ResentAt)
        {
            yield return Transition(MessageStatus.Sent, resentAt, ++attempts);
        }

        if (progress.FinishedAt is { } finishedAt)
        {
            yield return Transition(progress.Status, finishedAt, progress.Attempts, progress.Reason);
        }
    }

    private static DeviceMessageTransition Transition(MessageStatus status, DateTimeOffset at, int attempts, string? reason = null) => new()
    {
        Status = status.ToMessage(),
        At = at.ToTimestamp(),
        Attempts = attempts,
        Reason = reason ?? "",
    };

    public static Protos.V1.DeviceMessage.Types.Status ToMessage(this MessageStatus status) => status switch
    {
        MessageStatus.Pending => Protos.V1.DeviceMessage.Types.Status.Pending,
        MessageStatus.Sent => Protos.V1.DeviceMessage.Types.Status.Sent,
        MessageStatus.Delivered => Protos.V1.DeviceMessage.Types.Status.Delivered,
        MessageStatus.TimedOut => Protos.V1.DeviceMessage.Types.Status.Timeout,
        _ => Protos.V1.DeviceMessage.Types.Status.Failed,
    };

    public static MessageStatus? ToStatus(this Protos.V1.DeviceMessage.Types.Status status) => status switch
    {
        Protos.V1.DeviceMessage.Types.Status.Unspecified => null,
        Protos.V1.DeviceMessage.Types.Status.Pending => MessageStatus.Pending,
        Protos.V1.DeviceMessage.Types.Status.Sent => MessageStatus.Sent,
        Protos.V1.DeviceMessage.Types.Status.Delivered => MessageStatus.Delivered,
        Protos.V1.DeviceMessage.Types.Status.Timeout => MessageStatus.TimedOut,
        Protos.V1.DeviceMessage.Types.Status.Failed => MessageStatus.Failed,
        _ => throw Refusals.Invalid("status is none of the known ones."),
    };

    /// <param name="client">A connected client.</param>
    /// <param name="kept">Its session as it is kept; null: it is not, or that was not asked for.</param>
    public static Client ToMessage(this ClientView client, SessionView? kept)
    {
        var message = new Client
        {
            ProductKey = client.Device.ProductKey,
            DeviceName = client.Device.DeviceName,
            Connected = true,
            ClientId = client.ClientId,
            GatewayId = client.Gateway.Value,
            ConnectionId = client.ConnectionId,
            Protocol = NameOf(client.Protocol),
            Address = client.Address,
            ConnectedAt = client.Since.ToTimestamp(),
            SessionExpiry = client.SessionExpiry == TimeSpan.Zero ? null : client.SessionExpiry.ToDuration(),
            InFlight = client.InFlight,
            QueuedMessages = Math.Max(client.QueuedMessages + client.InFlight, kept?.QueuedMessages ?? 0),
            QueuedBytes = Math.Max(client.QueuedBytes, kept?.QueuedBytes ?? 0),
            PendingBytes = client.PendingBytes,
            MessagesReceived = client.Traffic.MessagesReceived,
            BytesReceived = client.Traffic.BytesReceived,
            MessagesSent = client.Traffic.MessagesSent,
            BytesSent = client.Traffic.BytesSent,
        };
        message.Subscriptions.AddRange(client.Subscriptions.Select(ToMessage));
        foreach (var drop in client.Traffic.Dropped)
        {
            message.Dropped.Add(drop.Reason, drop.Count);
        }

        return message;
    }

    /// <param name="session">The session of a client that is away.</param>
    public static Client ToMessage(this SessionView session) => new()
    {
        ProductKey = session.Device.ProductKey,
        DeviceName = session.Device.DeviceName,
        SessionEndsAt = session.ExpiresAt?.ToTimestamp(),
        QueuedMessages = session.QueuedMessages,
        QueuedBytes = session.QueuedBytes,
        Subscriptions = { session.Subscriptions.Select(ToMessage) },
    };

    public static ClientSubscription ToMessage(this SessionSubscription subscription)
    {
        Mqtt.Packets.SubscriptionOptions.TryRead((byte)subscription.Options, Mqtt.ProtocolVersion.Mqtt500, out var options, out _);
        return new ClientSubscription
        {
            Filter = subscription.Filter,
            Qos = (int)options.QoS,
            NoLocal = options.NoLocal,
            RetainAsPublished = options.RetainAsPublished,
            Identifier = (int)subscription.Identifier,
        };
    }

    public static Protos.V1.Ban ToMessage(this Orders.Ban ban) => new()
    {
        BanId = ban.Id,
        ProductKey = ban.Device?.ProductKey ?? "",
        DeviceName = ban.Device?.DeviceName ?? "",
        Address = ban.Network ?? "",
        Reason = ban.Reason,
        CreatedAt = ban.CreatedAt.ToTimestamp(),
        EndsAt = ban.Until.ToTimestamp(),
    };

    public static Trace ToMessage(this TraceOrder trace) => new()
    {
        TraceId = trace.Id,
        ClientId = trace.ClientId ?? "",
        ProductKey = trace.Device?.ProductKey ?? "",
        DeviceName = trace.Device?.DeviceName ?? "",
        Address = trace.Network ?? "",
        TopicFilter = trace.TopicFilter ?? "",
        StartedAt = trace.CreatedAt.ToTimestamp(),
        EndsAt = trace.Until.ToTimestamp(),
    };

    public static Protos.V1.TraceEvent ToMessage(this Orders.TraceEvent noted, GatewayId gateway) => new()
    {
        At = noted.At.ToTimestamp(),
        GatewayId = gateway.Value,
        ConnectionId = noted.ConnectionId,
        ProductKey = noted.Device?.ProductKey ?? "",
        DeviceName = noted.Device?.DeviceName ?? "",
        ClientId = noted.ClientId,
        Address = noted.Address,
        Step = noted.Step switch
        {
            TraceStep.Received => Protos.V1.TraceEvent.Types.Step.Received,
            TraceStep.Sent => Protos.V1.TraceEvent.Types.Step.Sent,
            TraceStep.Dropped => Protos.V1.TraceEvent.Types.Step.Dropped,
            _ => Protos.V1.TraceEvent.Types.Step.Closed,
        },
        Packet = noted.Packet,
        PacketId = noted.PacketId,
        Topic = noted.Topic,
        Qos = noted.QoS,
        Bytes = noted.Bytes,
        Outcome = noted.Outcome,
    };

    public static Product ToMessage(this ProductView product) => new()
    {
        ProductKey = product.ProductKey,
        Name = product.Name,
        Enabled = product.IsEnabled,
        OpenRegistration = product.IsRegistrationOpen,
        CreatedAt = product.CreatedAt.ToTimestamp(),
        TopicPermissions = { product.TopicPermissions.IsDefaultOrEmpty ? [] : product.TopicPermissions.Select(ToMessage) },
        MessagePolicy = product.Messages?.ToMessage(),
    };

    public static Protos.V1.TopicPermission ToMessage(this Products.TopicPermission permission) => new()
    {
        Filter = permission.Filter,
        Access = (Protos.V1.TopicPermission.Types.Access)(int)permission.Access,
    };

    public static Device ToMessage(this DeviceView device)
    {
        var message = new Device
        {
            ProductKey = device.Id.ProductKey,
            DeviceName = device.Id.DeviceName,
            Enabled = device.IsEnabled,
            DeviceSecret = device.Secret ?? "",
            CreatedAt = device.CreatedAt.ToTimestamp(),
            Online = device.Connection is { IsOnline: true },
            GatewayId = device.Connection is { IsOnline: true } online ? online.Gateway.Value : "",
            Since = device.Connection?.Since.ToTimestamp(),
            LastSeen = device.Connection?.LastSeen.ToTimestamp(),
            Protocol = NameOf(device.Connection?.Protocol),
            ClientAddress = device.Connection?.ClientAddress ?? "",
        };
        if (!device.Tags.IsDefaultOrEmpty)
        {
            foreach (var tag in device.Tags)
            {
                message.Tags.Add(tag.Key, tag.Value);
            }
        }

        return message;
    }

    private static string NameOf(DeviceProtocol? protocol) => protocol switch
    {
        DeviceProtocol.Mqtt311 => "MQTT 3.1.1",
        DeviceProtocol.Mqtt500 => "MQTT 5.0",
        _ => "",
    };
}
