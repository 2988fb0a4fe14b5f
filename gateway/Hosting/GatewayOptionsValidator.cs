using System.Net;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Sessions;
using IotPlatform.Transport.Tls;
using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>Refuses settings that could not work, at start, by their names.</summary>
internal sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    private static readonly TimeSpan KeepAliveMaxLeast = TimeSpan.FromSeconds(1);

    // What the two bytes of Keep Alive hold (section 3.1.2.10).
    private static readonly TimeSpan KeepAliveMaxMost = TimeSpan.FromSeconds(ushort.MaxValue);

    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        var failures = new List<string>();
        Require(Names.IsDeviceName(options.GatewayId), "Mqtt:GatewayId must be 1 to 128 letters, digits and _ - . @ :");
        Require(IPAddress.TryParse(options.Address, out _), "Mqtt:Address must be an IP address.");
        Require(options.Port is >= 0 and <= ushort.MaxValue, "Mqtt:Port must be 0 to 65535.");
        Require(options.Profile is null or ConformanceProfile.Name, $"Mqtt:Profile must be left out or be {ConformanceProfile.Name}.");
        Require(
            options.KeepAliveMax is null || (options.KeepAliveMax >= KeepAliveMaxLeast && options.KeepAliveMax <= KeepAliveMaxMost && options.KeepAliveMax.Value.Ticks % TimeSpan.TicksPerSecond == 0),
            "Mqtt:KeepAliveMax must be whole seconds, 1 to 65535, or left out.");
        Require(options.ConnectTimeout > TimeSpan.Zero, "Mqtt:ConnectTimeout must be positive.");
        Require(options.ConnectBytesMax >= 64, "Mqtt:ConnectBytesMax must be at least 64.");
        Require(options.PacketBytesMax >= options.ConnectBytesMax, "Mqtt:PacketBytesMax must be at least Mqtt:ConnectBytesMax.");
        Require(options.PendingBytesMax >= 4096, "Mqtt:PendingBytesMax must be at least 4096.");
        Require(options.Shards is null or (>= 1 and <= 8), "Mqtt:Shards must be 1 to 8.");
        Require(options.Session.QueuedMessagesMax > 0, "Mqtt:Session:QueuedMessagesMax must be positive.");
        Require(options.Session.QueuedBytesMax > 0, "Mqtt:Session:QueuedBytesMax must be positive.");
        Require(Enum.IsDefined(options.Session.QueueFull), "Mqtt:Session:QueueFull must be DropNewest or DropOldest.");
        Require(options.Session.InFlightMax is > 0 and <= 30_000, "Mqtt:Session:InFlightMax must be 1 to 30000.");
        Require(options.Session.ReceiveMaximum is > 0 and <= ushort.MaxValue, "Mqtt:Session:ReceiveMaximum must be 1 to 65535.");
        Require(options.Session.TopicAliasMax is >= 0 and <= ushort.MaxValue, "Mqtt:Session:TopicAliasMax must be 0 to 65535.");
        Require(options.Session.SubscriptionsMax > 0, "Mqtt:Session:SubscriptionsMax must be positive.");
        Require(options.Session.ExpiryMax >= TimeSpan.Zero, "Mqtt:Session:ExpiryMax must not be negative.");
        Require(options.FiltersMax > 0, "Mqtt:FiltersMax must be positive.");
        Require(options.ReattachPerSecond > 0, "Mqtt:ReattachPerSecond must be positive.");
        Require(options.AdvertisedAddress is null or { Length: > 0 and <= 255 }, "Mqtt:AdvertisedAddress must have 1 to 255 characters.");
        Require(options.Drain.ConnectionsPerSecond > 0, "Mqtt:Drain:ConnectionsPerSecond must be positive.");
        Require(options.Drain.Timeout >= TimeSpan.Zero, "Mqtt:Drain:Timeout must not be negative.");
        Require(options.Drain.ServerReference is null or { Length: > 0 and <= 1024 }, "Mqtt:Drain:ServerReference must have 1 to 1024 characters.");
        RequireTls(options.Tls);
        Require(
            options.ProxyProtocol.From.All(static network => IPNetwork.TryParse(network, out _)),
            "Mqtt:ProxyProtocol:From must be networks as 10.1.0.0/16.");
        RequirePositive(options.Limits.ConnectionsMax, nameof(LimitOptions.ConnectionsMax));
        RequirePositive(options.Limits.ConnectionsPerAddressMax, nameof(LimitOptions.ConnectionsPerAddressMax));
        RequirePositive(options.Limits.ConnectsPerSecond, nameof(LimitOptions.ConnectsPerSecond));
        RequirePositive(options.Limits.ConnectsBurst, nameof(LimitOptions.ConnectsBurst));
        RequirePositive(options.Limits.ConnectsPerSecondPerAddress, nameof(LimitOptions.ConnectsPerSecondPerAddress));
        RequirePositive(options.Limits.ConnectsBurstPerAddress, nameof(LimitOptions.ConnectsBurstPerAddress));
        RequirePositive(options.Limits.TlsHandshakesMax, nameof(LimitOptions.TlsHandshakesMax));
        RequirePositive(options.Limits.LoginFailuresPerAddressMax, nameof(LimitOptions.LoginFailuresPerAddressMax));
        RequirePositive(options.Limits.LoginFailuresPerDeviceMax, nameof(LimitOptions.LoginFailuresPerDeviceMax));
        Require(
            options.Limits.LoginFailureWindow >= TimeSpan.FromSeconds(1) && options.Limits.LoginFailureWindow <= TimeSpan.FromDays(1),
            "Mqtt:Limits:LoginFailureWindow must be a second to a day.");
        RequireClient(options.Client);
        Require(options.Invocations.WaitingPerDeviceMax is > 0 and <= 1_000, "Mqtt:Invocations:WaitingPerDeviceMax must be 1 to 1000.");
        Require(options.Invocations.WaitingMax > 0, "Mqtt:Invocations:WaitingMax must be positive.");
        Require(
            options.SharedSubscriptions.Groups.Values.Append(options.SharedSubscriptions.Choice).All(Enum.IsDefined),
            "Mqtt:SharedSubscriptions:Choice and Mqtt:SharedSubscriptions:Groups must be RoundRobin or Sticky.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void RequireClient(ClientOptions client)
        {
            Require(client.ClientIdBytesMax is > 0 and <= ushort.MaxValue, "Mqtt:Client:ClientIdBytesMax must be 1 to 65535.");
            Require(client.TopicBytesMax is > 0 and <= ushort.MaxValue, "Mqtt:Client:TopicBytesMax must be 1 to 65535.");
            Require(
                client.TopicLevelsMax is > 0 and <= SubscriptionTrie<Session, SubscriptionTerms>.LevelsMaxDefault,
                $"Mqtt:Client:TopicLevelsMax must be 1 to {SubscriptionTrie<Session, SubscriptionTerms>.LevelsMaxDefault}.");
            Require(Enum.IsDefined(client.RefusedPublish), "Mqtt:Client:RefusedPublish must be Drop or Close.");
            Require(Enum.IsDefined(client.RateExceeded), "Mqtt:Client:RateExceeded must be Delay or Disconnect.");
            RequirePositive(client.PublishesPerSecond, nameof(ClientOptions.PublishesPerSecond), "Client");
            RequirePositive(client.PublishesBurst, nameof(ClientOptions.PublishesBurst), "Client");
            RequirePositive(client.PublishBytesPerSecond, nameof(ClientOptions.PublishBytesPerSecond), "Client");
            RequirePositive(client.PublishBytesBurst, nameof(ClientOptions.PublishBytesBurst), "Client");
        }

        void RequireTls(TlsOptions tls)
        {
            Require(tls.CertificateFile is null or { Length: > 0 }, "Mqtt:Tls:CertificateFile must name a file.");
            Require(tls.KeyFile is null or { Length: > 0 }, "Mqtt:Tls:KeyFile must name a file.");
            Require(tls.KeyFile is null || tls.CertificateFile is not null, "Mqtt:Tls:KeyFile needs Mqtt:Tls:CertificateFile.");
            Require(tls.Port is >= 0 and <= ushort.MaxValue, "Mqtt:Tls:Port must be 0 to 65535.");
            Require(tls.WebSocketPort is >= 0 and <= ushort.MaxValue, "Mqtt:Tls:WebSocketPort must be 0 to 65535.");
            Require(tls.ReloadInterval >= TimeSpan.FromMilliseconds(100), "Mqtt:Tls:ReloadInterval must be at least 100 ms.");
            Require(Enum.IsDefined(tls.ClientCertificates), "Mqtt:Tls:ClientCertificates must be None, Optional or Required.");
            Require(
                tls.ClientCertificates == ClientCertificates.None || (tls.CertificateFile is not null && tls.ClientAuthorityFile is { Length: > 0 }),
                "Mqtt:Tls:ClientCertificates needs Mqtt:Tls:CertificateFile and Mqtt:Tls:ClientAuthorityFile.");
            Require(Enum.IsDefined(tls.ClientCertificateIdentity), "Mqtt:Tls:ClientCertificateIdentity must be None or CommonName.");
            Require(
                tls.ClientCertificateIdentity == ClientCertificateIdentity.None || tls.ClientCertificates != ClientCertificates.None,
                "Mqtt:Tls:ClientCertificateIdentity needs Mqtt:Tls:ClientCertificates.");
        }

        void RequirePositive(int? limit, string name, string section = "Limits") =>
            Require(limit is null or > 0, $"Mqtt:{section}:{name} must be positive, or empty for no limit.");

        void Require(bool isRight, string message)
        {
            if (!isRight)
            {
                failures.Add(message);
            }
        }
    }
}
