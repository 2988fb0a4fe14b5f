using IotPlatform.Routing;

namespace IotPlatform.Hosting;

/// <summary>How the members of shared subscriptions (MQTT 5.0 section 4.8.2) are chosen. Section <c>Mqtt:SharedSubscriptions</c>; the same at every gateway.</summary>
public sealed class SharedSubscriptionOptions
{
    /// <summary>For groups that are not named: <c>RoundRobin</c> or <c>Sticky</c>. Default RoundRobin.</summary>
    public ShareChoice Choice { get; set; } = ShareChoice.RoundRobin;

    /// <summary>For groups by their share names. Default: none.</summary>
    public Dictionary<string, ShareChoice> Groups { get; } = new(StringComparer.Ordinal);
}
