using Google.Protobuf.WellKnownTypes;
using MessagePolicy = IotPlatform.Products.MessagePolicy;

namespace IotPlatform.Api;

/// <summary>A product's policy for messages, in the contract and behind it.</summary>
internal static class MessagePolicies
{
    private const int OpenMax = 10_000;
    private const long OpenBytesMax = 1 << 30;
    private const int TriesMax = 100;

    private static readonly TimeSpan IntervalMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan IntervalMax = TimeSpan.FromHours(1);

    public static MessagePolicy Read(Protos.V1.MessagePolicy? message) => message is null ? MessagePolicy.Default : new MessagePolicy(
        message.HasOpenMax ? (int)Number(message.OpenMax, 1, OpenMax, "openMax") : null,
        message.HasOpenBytesMax ? Number(message.OpenBytesMax, 1, OpenBytesMax, "openBytesMax") : null,
        WhenFull(message.WhenFull),
        Interval(message.ResendInterval, "resendInterval"),
        message.HasResendsPerSeries ? (int)Number(message.ResendsPerSeries, 0, TriesMax, "resendsPerSeries") : null,
        Interval(message.RoundInterval, "roundInterval"),
        message.HasRoundsMax ? (int)Number(message.RoundsMax, 0, TriesMax, "roundsMax") : null);

    public static Protos.V1.MessagePolicy ToMessage(this MessagePolicy policy)
    {
        var message = new Protos.V1.MessagePolicy
        {
            WhenFull = (Protos.V1.MessagePolicy.Types.WhenFull)(int)(policy.WhenFull ?? 0),
            ResendInterval = policy.ResendInterval?.ToDuration(),
            RoundInterval = policy.RoundInterval?.ToDuration(),
        };
        if (policy.OpenMax is { } openMax)
        {
            message.OpenMax = openMax;
        }

        if (policy.OpenBytesMax is { } openBytesMax)
        {
            message.OpenBytesMax = openBytesMax;
        }

        if (policy.ResendsPerSeries is { } resends)
        {
            message.ResendsPerSeries = resends;
        }

        if (policy.RoundsMax is { } rounds)
        {
            message.RoundsMax = rounds;
        }

        return message;
    }

    private static long Number(long value, long min, long max, string field) =>
        value >= min && value <= max ? value : throw Refusals.Invalid($"messagePolicy: {field} must be {min} to {max}.");

    private static Products.MailboxFullAction? WhenFull(Protos.V1.MessagePolicy.Types.WhenFull value) => value switch
    {
        Protos.V1.MessagePolicy.Types.WhenFull.Unspecified => null,
        Protos.V1.MessagePolicy.Types.WhenFull.Refuse => Products.MailboxFullAction.Refuse,
        Protos.V1.MessagePolicy.Types.WhenFull.DropOldest => Products.MailboxFullAction.DropOldest,
        _ => throw Refusals.Invalid("messagePolicy: whenFull must be REFUSE or DROP_OLDEST."),
    };

    // Beyond what a TimeSpan holds, the conversion throws.
    private static TimeSpan? Interval(Duration? value, string field) =>
        value is null ? null
        : value.Seconds >= 0 && value.Seconds <= IntervalMax.TotalSeconds && value.Nanos is >= 0 and < 1_000_000_000
            && value.ToTimeSpan() is var interval && interval >= IntervalMin && interval <= IntervalMax ? interval
        : throw Refusals.Invalid($"messagePolicy: {field} must be 0.1 to 3600 seconds.");
}
