namespace IotPlatform.Devices;

/// <summary>A device: unique by its product and its name. Whoever connects is one.</summary>
[GenerateSerializer, Immutable, Alias("iot.device-id")]
public readonly record struct DeviceId([property: Id(0)] string ProductKey, [property: Id(1)] string DeviceName)
{
    // A letter that is no hex digit and a slash lead every key: storage providers fold keys that look like numbers together.
    private const string Prefix = "device/";

    /// <summary>The key of its grain.</summary>
    public string GrainKey => $"{Prefix}{ProductKey}/{DeviceName}";

    /// <summary>The device that a grain key names. A product key holds no slash, a device name may.</summary>
    public static DeviceId FromGrainKey(string key)
    {
        var productKey = ProductKeyIn(key);
        return new DeviceId(productKey.ToString(), key[(Prefix.Length + productKey.Length + 1)..]);
    }

    /// <summary>The product of the device that a grain key names.</summary>
    public static ReadOnlySpan<char> ProductKeyIn(string key)
    {
        var rest = key.AsSpan(Prefix.Length);
        return rest[..rest.IndexOf('/')];
    }

    /// <inheritdoc/>
    public override string ToString() => $"{ProductKey}/{DeviceName}";
}
