using IotPlatform.Products;

namespace IotPlatform.Devices;

/// <summary>How the messages to a product's devices are kept and retried: its policy, and the installation's settings where that says nothing.</summary>
internal sealed record MessageRules(
    int OpenMax,
    long OpenBytesMax,
    bool DropsOldest,
    int InFlightMax,
    TimeSpan ResendInterval,
    int ResendsPerSeries,
    TimeSpan RoundInterval,
    int RoundsMax,
    TimeSpan FullRetryInterval)
{
    public static MessageRules Of(DeviceMessageOptions options, MessagePolicy? policy = null) => new(
        policy?.OpenMax ?? options.OpenPerDeviceMax,
        policy?.OpenBytesMax ?? options.OpenBytesPerDeviceMax,
        (policy?.WhenFull ?? options.WhenFull) == MailboxFullAction.DropOldest,
        options.InFlightMax,
        policy?.ResendInterval ?? options.ResendInterval,
        policy?.ResendsPerSeries ?? options.ResendsPerSeries,
        policy?.RoundInterval ?? options.RoundInterval,
        policy?.RoundsMax ?? options.RoundsMax,
        options.FullRetryInterval);
}
