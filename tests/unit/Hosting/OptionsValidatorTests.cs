using IotPlatform.Broadcasts;
using IotPlatform.Devices;
using IotPlatform.Hosting;
using IotPlatform.Routing;
using IotPlatform.Sessions;
using IotPlatform.StatusEvents;
using IotPlatform.Topics;
using IotPlatform.Transport.Tls;
using Microsoft.Extensions.Configuration;

namespace IotPlatform.Unit.Tests.Hosting;

/// <summary>Settings that could not work are refused by their names.</summary>
public sealed class OptionsValidatorTests
{
    public static TheoryData<string, Action<GatewayOptions>> WrongGatewayOptions() => new()
    {
        { "Mqtt:GatewayId", static o => o.GatewayId = "" },
        { "Mqtt:GatewayId", static o => o.GatewayId = "a/b" },
        { "Mqtt:Address", static o => o.Address = "localhost" },
        { "Mqtt:Port", static o => o.Port = -1 },
        { "Mqtt:Port", static o => o.Port = 65_536 },
        { "Mqtt:Profile", static o => o.Profile = "" },
        { "Mqtt:Profile", static o => o.Profile = "Conformance" },
        { "Mqtt:KeepAliveMax", static o => o.KeepAliveMax = TimeSpan.Zero },
        { "Mqtt:KeepAliveMax", static o => o.KeepAliveMax = TimeSpan.FromSeconds(1.5) },
        { "Mqtt:KeepAliveMax", static o => o.KeepAliveMax = TimeSpan.FromSeconds(65_536) },
        { "Mqtt:ConnectTimeout", static o => o.ConnectTimeout = TimeSpan.Zero },
        { "Mqtt:ConnectBytesMax", static o => o.ConnectBytesMax = 63 },
        { "Mqtt:PacketBytesMax", static o => o.PacketBytesMax = o.ConnectBytesMax - 1 },
        { "Mqtt:PendingBytesMax", static o => o.PendingBytesMax = 4095 },
        { "Mqtt:Shards", static o => o.Shards = 0 },
        { "Mqtt:Shards", static o => o.Shards = 9 },
        { "Mqtt:Tls:CertificateFile", static o => o.Tls.CertificateFile = "" },
        { "Mqtt:Tls:KeyFile", static o => o.Tls.KeyFile = "key.pem" },
        { "Mqtt:Tls:Port", static o => o.Tls.Port = 65_536 },
        { "Mqtt:Tls:WebSocketPort", static o => o.Tls.WebSocketPort = -1 },
        { "Mqtt:Tls:ReloadInterval", static o => o.Tls.ReloadInterval = TimeSpan.FromMilliseconds(99) },
        { "Mqtt:Tls:ClientCertificates", static o => o.Tls.ClientCertificates = ClientCertificates.Optional },
        { "Mqtt:Tls:ClientCertificates", static o => o.Tls.ClientCertificates = (ClientCertificates)3 },
        { "Mqtt:Tls:ClientCertificateIdentity", static o => o.Tls.ClientCertificateIdentity = ClientCertificateIdentity.CommonName },
        { "Mqtt:Tls:ClientCertificateIdentity", static o => o.Tls.ClientCertificateIdentity = (ClientCertificateIdentity)2 },
        { "Mqtt:ProxyProtocol:From", static o => o.ProxyProtocol.From.Add("balancer") },
        { "Mqtt:Limits:ConnectionsMax", static o => o.Limits.ConnectionsMax = 0 },
        { "Mqtt:Limits:ConnectionsPerAddressMax", static o => o.Limits.ConnectionsPerAddressMax = -1 },
        { "Mqtt:Limits:ConnectsPerSecond", static o => o.Limits.ConnectsPerSecond = 0 },
        { "Mqtt:Limits:ConnectsBurst", static o => o.Limits.ConnectsBurst = 0 },
        { "Mqtt:Limits:ConnectsPerSecondPerAddress", static o => o.Limits.ConnectsPerSecondPerAddress = 0 },
        { "Mqtt:Limits:ConnectsBurstPerAddress", static o => o.Limits.ConnectsBurstPerAddress = 0 },
        { "Mqtt:Limits:TlsHandshakesMax", static o => o.Limits.TlsHandshakesMax = 0 },
        { "Mqtt:Limits:LoginFailuresPerAddressMax", static o => o.Limits.LoginFailuresPerAddressMax = 0 },
        { "Mqtt:Limits:LoginFailuresPerDeviceMax", static o => o.Limits.LoginFailuresPerDeviceMax = 0 },
        { "Mqtt:Limits:LoginFailureWindow", static o => o.Limits.LoginFailureWindow = TimeSpan.Zero },
        { "Mqtt:Invocations:WaitingPerDeviceMax", static o => o.Invocations.WaitingPerDeviceMax = 0 },
        { "Mqtt:Invocations:WaitingPerDeviceMax", static o => o.Invocations.WaitingPerDeviceMax = 1_001 },
        { "Mqtt:Invocations:WaitingMax", static o => o.Invocations.WaitingMax = 0 },
        { "Mqtt:Session:QueuedMessagesMax", static o => o.Session.QueuedMessagesMax = 0 },
        { "Mqtt:Session:QueuedBytesMax", static o => o.Session.QueuedBytesMax = 0 },
        { "Mqtt:Session:InFlightMax", static o => o.Session.InFlightMax = 0 },
        { "Mqtt:Session:InFlightMax", static o => o.Session.InFlightMax = 60_001 },
        { "Mqtt:Session:SubscriptionsMax", static o => o.Session.SubscriptionsMax = 0 },
        { "Mqtt:Session:ExpiryMax", static o => o.Session.ExpiryMax = TimeSpan.FromTicks(-1) },
        { "Mqtt:Session:QueueFull", static o => o.Session.QueueFull = (QueueFullAction)7 },
        { "Mqtt:Session:ReceiveMaximum", static o => o.Session.ReceiveMaximum = 0 },
        { "Mqtt:Client:ClientIdBytesMax", static o => o.Client.ClientIdBytesMax = 0 },
        { "Mqtt:Client:TopicBytesMax", static o => o.Client.TopicBytesMax = 65_536 },
        { "Mqtt:Client:TopicLevelsMax", static o => o.Client.TopicLevelsMax = 129 },
        { "Mqtt:Client:PublishesPerSecond", static o => o.Client.PublishesPerSecond = 0 },
        { "Mqtt:Client:PublishesBurst", static o => o.Client.PublishesBurst = 0 },
        { "Mqtt:Client:PublishBytesPerSecond", static o => o.Client.PublishBytesPerSecond = 0 },
        { "Mqtt:Client:PublishBytesBurst", static o => o.Client.PublishBytesBurst = 0 },
        { "Mqtt:Client:RefusedPublish", static o => o.Client.RefusedPublish = (RefusedPublishAction)2 },
        { "Mqtt:Client:RateExceeded", static o => o.Client.RateExceeded = (RateExceededAction)2 },
        { "Mqtt:SharedSubscriptions", static o => o.SharedSubscriptions.Choice = (ShareChoice)2 },
        { "Mqtt:SharedSubscriptions", static o => o.SharedSubscriptions.Groups["g"] = (ShareChoice)2 },
        { "Mqtt:Session:TopicAliasMax", static o => o.Session.TopicAliasMax = 65_536 },
    };

    public static TheoryData<string, Action<DeviceMessageOptions>> WrongMessageOptions() => new()
    {
        { "Messages:OpenPerDeviceMax", static o => o.OpenPerDeviceMax = 0 },
        { "Messages:InFlightMax", static o => o.InFlightMax = 0 },
        { "Messages:InFlightMax", static o => o.InFlightMax = 65_536 },
        { "Messages:ResendInterval", static o => o.ResendInterval = TimeSpan.Zero },
        { "Messages:ResendsPerSeries", static o => o.ResendsPerSeries = -1 },
        { "Messages:RoundInterval", static o => o.RoundInterval = TimeSpan.Zero },
        { "Messages:RoundsMax", static o => o.RoundsMax = -1 },
        { "Messages:FullRetryInterval", static o => o.FullRetryInterval = TimeSpan.Zero },
        { "Messages:HoldProgressFor", static o => o.HoldProgressFor = TimeSpan.FromTicks(-1) },
        { "Messages:HoldProgressFor", static o => o.HoldProgressFor = TimeSpan.FromSeconds(1.1) },
        { "Messages:HistoryRetention", static o => o.HistoryRetention = TimeSpan.Zero },
        { "Messages:EventRetention", static o => o.EventRetention = TimeSpan.Zero },
        { "Messages:EventBytesMax", static o => o.EventBytesMax = 0 },
    };

    public static TheoryData<string, Action<StatusPushOptions>> WrongPushOptions() => new()
    {
        { "Messages:Push:PushesMax", static o => o.PushesMax = -1 },
        { "Messages:Push:RequestsMax", static o => o.RequestsMax = 0 },
        { "Messages:Push:RequestsMax", static o => o.RequestsMax = 257 },
        { "Messages:Push:WaitingMax", static o => o.WaitingMax = 0 },
        { "Messages:Push:Timeout", static o => o.Timeout = TimeSpan.Zero },
        { "Messages:Push:RetryMin", static o => o.RetryMin = TimeSpan.Zero },
        { "Messages:Push:RetryMax", static o => o.RetryMax = o.RetryMin - TimeSpan.FromTicks(1) },
        { "Messages:Push:ParkAfter", static o => o.ParkAfter = TimeSpan.Zero },
        { "Messages:Push:PollInterval", static o => o.PollInterval = TimeSpan.Zero },
    };

    public static TheoryData<string, Action<SendOptions>> WrongSendOptions() => new()
    {
        { "Messages:SendsPerSecondPerProduct", static o => o.SendsPerSecondPerProduct = -1 },
        { "Messages:SendsBurstPerProduct", static o => o.SendsBurstPerProduct = 0 },
        { "Messages:SendsPerSecondPerCaller", static o => o.SendsPerSecondPerCaller = -1 },
        { "Messages:SendsBurstPerCaller", static o => o.SendsBurstPerCaller = 0 },
        { "Messages:UnderWayPerStreamMax", static o => o.UnderWayPerStreamMax = 0 },
        { "Messages:UnderWayPerStreamMax", static o => o.UnderWayPerStreamMax = 100_001 },
        { "Messages:UnderWayBytesPerStreamMax", static o => o.UnderWayBytesPerStreamMax = 0 },
    };

    public static TheoryData<string, Action<BroadcastOptions>> WrongBroadcastOptions() => new()
    {
        { "Broadcasts:RunningPerProductMax", static o => o.RunningPerProductMax = 0 },
        { "Broadcasts:ReceiptRetention", static o => o.ReceiptRetention = TimeSpan.Zero },
    };

    public static TheoryData<string, Action<TopicOptions>> WrongTopicOptions() => new()
    {
        { "Topics:RetainedMax", static o => o.RetainedMax = 15 },
        { "Topics:RetainedBytesMax", static o => o.RetainedBytesMax = 16_383 },
    };

    [Fact]
    public void Defaults_AreRight()
    {
        Assert.True(new GatewayOptionsValidator().Validate(null, new GatewayOptions { GatewayId = "g" }).Succeeded);
        Assert.True(new DeviceMessageOptionsValidator().Validate(null, new DeviceMessageOptions()).Succeeded);
        Assert.True(new SendOptionsValidator().Validate(null, new SendOptions()).Succeeded);
        Assert.True(new StatusPushOptionsValidator().Validate(null, new StatusPushOptions()).Succeeded);
        Assert.True(new StatusPushOptionsValidator().Validate(null, new StatusPushOptions { PushesMax = 0 }).Succeeded);
        Assert.True(new SendOptionsValidator().Validate(null, new SendOptions { SendsPerSecondPerProduct = 0, SendsPerSecondPerCaller = 0 }).Succeeded);
        Assert.True(new BroadcastOptionsValidator().Validate(null, new BroadcastOptions()).Succeeded);
        Assert.True(new TopicOptionsValidator().Validate(null, new TopicOptions()).Succeeded);
    }

    [Fact]
    public void EveryWrongSetting_IsNamedAtOnce()
    {
        var result = new DeviceMessageOptionsValidator().Validate(null, new DeviceMessageOptions { InFlightMax = 0, RoundsMax = -1 });
        Assert.Equal(2, result.Failures!.Count());
    }

    [Fact]
    public void Limit_ThatIsEmpty_IsNone()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Mqtt:Limits:ConnectionsMax", "")]).Build();
        Assert.Null(configuration.GetSection("Mqtt").Get<GatewayOptions>()!.Limits.ConnectionsMax);
    }

    [Theory]
    [MemberData(nameof(WrongGatewayOptions), DisableDiscoveryEnumeration = true)]
    public void GatewayOptions_ThatCouldNotWork_AreRefusedByName(string setting, Action<GatewayOptions> change)
    {
        var options = new GatewayOptions { GatewayId = "g" };
        change(options);
        Assert.Contains(setting, new GatewayOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WrongMessageOptions), DisableDiscoveryEnumeration = true)]
    public void MessageOptions_ThatCouldNotWork_AreRefusedByName(string setting, Action<DeviceMessageOptions> change)
    {
        var options = new DeviceMessageOptions();
        change(options);
        Assert.Contains(setting, new DeviceMessageOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WrongSendOptions), DisableDiscoveryEnumeration = true)]
    public void SendOptions_ThatCouldNotWork_AreRefusedByName(string setting, Action<SendOptions> change)
    {
        var options = new SendOptions();
        change(options);
        Assert.Contains(setting, new SendOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WrongPushOptions), DisableDiscoveryEnumeration = true)]
    public void PushOptions_ThatCouldNotWork_AreRefusedByName(string setting, Action<StatusPushOptions> change)
    {
        var options = new StatusPushOptions();
        change(options);
        Assert.Contains(setting, new StatusPushOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WrongBroadcastOptions), DisableDiscoveryEnumeration = true)]
    public void BroadcastOptions_ThatCouldNotWork_AreRefusedByName(string setting, Action<BroadcastOptions> change)
    {
        var options = new BroadcastOptions();
        change(options);
        Assert.Contains(setting, new BroadcastOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WrongTopicOptions), DisableDiscoveryEnumeration = true)]
    public void TopicOptions_ThatCouldNotWork_AreRefusedByName(string setting, Action<TopicOptions> change)
    {
        var options = new TopicOptions();
        change(options);
        Assert.Contains(setting, new TopicOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }
}
