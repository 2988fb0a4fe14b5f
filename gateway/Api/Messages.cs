using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using IotPlatform.Broadcasts;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Products;
using IotPlatform.Protos.V1;

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
        Status = receipt.CompletedAt is null ? Broadcast.Types.Status.Running : Broadcast.Types.Status.Completed,
        Targeted = receipt.Tally.Targeted,
        Written = receipt.Tally.Written,
        Dropped = receipt.Tally.Dropped,
        Unknown = receipt.Tally.Unknown,
        CreatedAt = receipt.CreatedAt.ToTimestamp(),
        CompletedAt = receipt.CompletedAt?.ToTimestamp(),
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

    public static Product ToMessage(this ProductView product) => new()
    {
        ProductKey = product.ProductKey,
        Name = product.Name,
        Enabled = product.IsEnabled,
        OpenRegistration = product.IsRegistrationOpen,
        CreatedAt = product.CreatedAt.ToTimestamp(),
        TopicPermissions = { product.TopicPermissions.IsDefaultOrEmpty ? [] : product.TopicPermissions.Select(ToMessage) },
    };

    public static Protos.V1.TopicPermission ToMessage(this Products.TopicPermission permission) => new()
    {
        Filter = permission.Filter,
        Access = (Protos.V1.TopicPermission.Types.Access)(int)permission.Access,
    };

    public static Device ToMessage(this DeviceView device) => new()
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
        Protocol = device.Connection?.Protocol switch
        {
            DeviceProtocol.Mqtt311 => "MQTT 3.1.1",
            DeviceProtocol.Mqtt500 => "MQTT 5.0",
            _ => "",
        },
        ClientAddress = device.Connection?.ClientAddress ?? "",
    };
}
