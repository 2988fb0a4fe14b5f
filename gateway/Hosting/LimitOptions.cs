namespace IotPlatform.Hosting;

/// <summary>
/// What clients may do before anything is known of them. An IPv6 client counts by its network of 64 bits, which is what one subscriber gets. Null is
/// unlimited. Section <c>Mqtt:Limits</c>.
/// </summary>
public sealed class LimitOptions
{
    /// <summary>Connections at once, logged in or not; one more is closed. Default 1,000,000: a bound for memory, not a target.</summary>
    public int? ConnectionsMax { get; set; } = 1_000_000;

    /// <summary>Connections at once from one address; one more is closed. Default: unlimited, because a whole fleet may be behind one address.</summary>
    public int? ConnectionsPerAddressMax { get; set; }

    /// <summary>CONNECT packets in a second; one more is refused with 0x9F, in 3.1.1 with code 3. Default: unlimited.</summary>
    public int? ConnectsPerSecond { get; set; }

    /// <summary>CONNECT packets at once that are still taken. Default: as many as in a second.</summary>
    public int? ConnectsBurst { get; set; }

    /// <summary>The same for one address. Default: unlimited.</summary>
    public int? ConnectsPerSecondPerAddress { get; set; }

    /// <summary>The same for one address. Default: as many as in a second.</summary>
    public int? ConnectsBurstPerAddress { get; set; }

    /// <summary>TLS handshakes at once; one more is closed. Default 1,000: each takes some 100 KB and a millisecond of a core.</summary>
    public int? TlsHandshakesMax { get; set; } = 1_000;

    /// <summary>
    /// Failed logins from one address within <see cref="LoginFailureWindow"/>; then every login from there is refused with 0x8A, in 3.1.1 with code 5,
    /// unseen. Default 100: no secret can be guessed at that rate, and some wrong devices do not lock out all those that share their address.
    /// </summary>
    public int? LoginFailuresPerAddressMax { get; set; } = 100;

    /// <summary>The same for one device. Default: unlimited, because with a limit whoever knows a device's name can keep it out.</summary>
    public int? LoginFailuresPerDeviceMax { get; set; }

    /// <summary>The time after which all failures are forgiven; they are little by little. Default one minute.</summary>
    public TimeSpan LoginFailureWindow { get; set; } = TimeSpan.FromMinutes(1);
}
