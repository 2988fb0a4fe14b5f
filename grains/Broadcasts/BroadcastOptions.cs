namespace IotPlatform.Broadcasts;

/// <summary>How broadcasts are bounded and kept. Section <c>Broadcasts</c>.</summary>
public sealed class BroadcastOptions
{
    /// <summary>Broadcasts of one product that may be under way; one more is refused. Default 1,000.</summary>
    public int RunningPerProductMax { get; set; } = 1_000;

    /// <summary>How long receipts stay readable. Default 7 days.</summary>
    public TimeSpan ReceiptRetention { get; set; } = TimeSpan.FromDays(7);
}
