namespace IotPlatform.Products;

/// <summary>How the messages to a product's devices are kept and retried. What is null goes by the installation's settings, section <c>Messages</c>.</summary>
/// <param name="OpenMax">Messages of one device that may wait or be unacknowledged.</param>
/// <param name="OpenBytesMax">Bytes of their payloads.</param>
/// <param name="WhenFull">What becomes of one more.</param>
/// <param name="ResendInterval">Without an acknowledgement for so long, a message is written again.</param>
/// <param name="ResendsPerSeries">How often it is written again in one series.</param>
/// <param name="RoundInterval">After the device came back: time from the beginning of one round to the next.</param>
/// <param name="RoundsMax">Rounds after the first series; then the message ends as timed out.</param>
[GenerateSerializer, Immutable, Alias("iot.message-policy")]
public sealed record MessagePolicy(
    [property: Id(0)] int? OpenMax,
    [property: Id(1)] long? OpenBytesMax,
    [property: Id(2)] MailboxFullAction? WhenFull,
    [property: Id(3)] TimeSpan? ResendInterval,
    [property: Id(4)] int? ResendsPerSeries,
    [property: Id(5)] TimeSpan? RoundInterval,
    [property: Id(6)] int? RoundsMax)
{
    /// <summary>By the installation's settings in everything.</summary>
    public static MessagePolicy Default { get; } = new(null, null, null, null, null, null, null);
}
