namespace IotPlatform.Broadcasts;

/// <summary>How broadcasts are bounded and kept. Section <c>Broadcasts</c>.</summary>
public sealed class BroadcastOptions
{
    /// <summary>Broadcasts of one product that may be under way to the devices that are online; one more is refused. Default 1,000.</summary>
    public int RunningPerProductMax { get; set; } = 1_000;

    /// <summary>
    /// Broadcasts of one product that may go on after that: at a rate, for devices that come later, or for acknowledgements; one more is refused. Default 100.
    /// </summary>
    public int LastingPerProductMax { get; set; } = 100;

    /// <summary>Calls a minute that one product may make; a tenth of them at once. 0: as many as it likes. Default 6,000; in Development 0.</summary>
    public int CallsPerMinute { get; set; } = 6_000;

    /// <summary>How long devices have for acknowledging a QoS 1 broadcast that was written last. Default 1 minute.</summary>
    public TimeSpan AcknowledgementTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long receipts stay readable. Default 7 days.</summary>
    public TimeSpan ReceiptRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Receipts of one product that are kept; the oldest go first. Default 100,000.</summary>
    public int ReceiptsPerProductMax { get; set; } = 100_000;
}
