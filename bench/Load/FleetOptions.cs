namespace IotPlatform.Bench.Load;

/// <summary>The devices of one load and what they do once connected.</summary>
internal sealed record FleetOptions(int Devices, DeviceNames Names, IReadOnlyList<int> MqttPorts)
{
    /// <summary>A filter to subscribe to before a device counts as online; null when the server sends without subscription.</summary>
    public byte[]? SubscribeTo { get; init; }

    public int SubscribeQos { get; init; }

    /// <summary>The devices' secrets; null where any password will do.</summary>
    public IReadOnlyList<string>? Secrets { get; init; }

    /// <summary>A long one by default: the server watches it, and no device has to ping within a run.</summary>
    public TimeSpan KeepAlive { get; init; } = ConnectPacket.LongKeepAlive;

    /// <summary>Takes deliveries; null where none may come.</summary>
    public IDeliveryReceiver? Receiver { get; init; }

    public string PasswordOf(int device) => Secrets?[device] ?? ConnectPacket.AnyPassword;
}
