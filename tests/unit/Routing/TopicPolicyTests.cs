using System.Text;
using IotPlatform.Devices;
using IotPlatform.Products;
using IotPlatform.Routing;

namespace IotPlatform.Unit.Tests.Routing;

/// <summary>Which topics a device may use.</summary>
public sealed class TopicPolicyTests
{
    private static readonly DeviceId Device = new("pk", "dn");

    [Theory]
    [InlineData("/pk/dn/x", true, true)]
    [InlineData("/pk/dn/user/a/b", true, true)]
    [InlineData("/sys/pk/dn/thing", true, true)]
    [InlineData("/pk/dn", false, true)]
    [InlineData("/pk/dn2/x", false, true)]
    [InlineData("/pk/other/x", false, true)]
    [InlineData("/other/dn/x", false, true)]
    [InlineData("free/topic", false, true)]
    [InlineData("/sys/pk/other/thing", false, false)]
    [InlineData("/sys/pk/dn2/thing", false, false)]
    [InlineData("/sys/other/dn/thing", false, false)]
    [InlineData("/broadcast/pk/x", false, false)]
    [InlineData("/broadcast/other/x", false, false)]
    [InlineData("$SYS/x", false, false)]
    [InlineData("$share/g/x", false, false)]
    [InlineData("$", false, false)]
    public void Publish_IsPermitted(string topic, bool closed, bool open) =>
        Assert.Equal((closed, open), (Policy(false).MayPublish(Utf8(topic)), Policy(true).MayPublish(Utf8(topic))));

    [Theory]
    [InlineData("/pk/dn/x", true, true)]
    [InlineData("/pk/dn/#", true, true)]
    [InlineData("/pk/dn/+/x", true, true)]
    [InlineData("/sys/pk/dn/#", true, true)]
    [InlineData("/broadcast/pk/x", true, true)]
    [InlineData("/broadcast/pk/#", true, true)]
    [InlineData("free/#", false, true)]
    [InlineData("#", false, true)]
    [InlineData("+/x", false, true)]
    [InlineData("/pk/+/x", false, true)]
    [InlineData("/pk/other/x", false, true)]
    [InlineData("/+/dn/x", false, false)]
    [InlineData("/#", false, false)]
    [InlineData("/+/#", false, false)]
    [InlineData("/sys/pk/other/#", false, false)]
    [InlineData("/sys/pk/+/x", false, false)]
    [InlineData("/sys/+/dn/x", false, false)]
    [InlineData("/sys/#", false, false)]
    [InlineData("/sys/+/+/#", false, false)]
    [InlineData("/broadcast/+/x", false, false)]
    [InlineData("/broadcast/#", false, false)]
    [InlineData("/broadcast/other/x", false, false)]
    [InlineData("$SYS/#", false, false)]
    public void Subscribe_IsPermitted(string filter, bool closed, bool open) =>
        Assert.Equal((closed, open), (Policy(false).MaySubscribe(Utf8(filter)), Policy(true).MaySubscribe(Utf8(filter))));

    [Theory]
    [InlineData("fleet/${productKey}/news", "fleet/pk/news", true)]
    [InlineData("fleet/${productKey}/news", "fleet/other/news", false)]
    [InlineData("/${productKey}/+/cmd", "/pk/other/cmd", true)]
    [InlineData("/${productKey}/+/cmd", "/pk/other/cmd/x", false)]
    [InlineData("log/${deviceName}/#", "log/dn/a/b", true)]
    [InlineData("log/${deviceName}/#", "log/dn2/a", false)]
    [InlineData("${deviceName}/${productKey}/${deviceName}", "dn/pk/dn", true)]
    [InlineData("${deviceName}/${productKey}/${deviceName}", "dn/pk/dn2", false)]
    [InlineData("${deviceName}${deviceName}", "dndn", true)]
    public void Publish_IsPermitted_ByTheProduct(string permitted, string topic, bool expected)
    {
        Assert.Equal(expected, Policy(false, new TopicPermission(permitted, TopicAccess.Publish)).MayPublish(Utf8(topic)));
        Assert.Equal(expected, Policy(false, new TopicPermission(permitted, TopicAccess.Publish | TopicAccess.Subscribe)).MayPublish(Utf8(topic)));
        Assert.False(Policy(false, new TopicPermission(permitted, TopicAccess.Subscribe)).MayPublish(Utf8(topic)));
    }

    [Theory]
    [InlineData("fleet/${productKey}/#", "fleet/pk/#", true)]
    [InlineData("fleet/${productKey}/#", "fleet/pk/+/x", true)]
    [InlineData("fleet/${productKey}/#", "fleet/+/x", false)]
    [InlineData("fleet/${productKey}/#", "#", false)]
    [InlineData("/${productKey}/+/event", "/pk/+/event", true)]
    [InlineData("/${productKey}/+/event", "/pk/a/event", true)]
    [InlineData("/${productKey}/+/event", "/pk/#", false)]
    [InlineData("/${productKey}/+/event", "/+/+/event", false)]
    public void Subscribe_IsPermitted_ByTheProduct(string permitted, string filter, bool expected)
    {
        var policy = Policy(false, new TopicPermission(permitted, TopicAccess.Subscribe));
        Assert.Equal((expected, expected), (policy.MaySubscribe(Utf8(filter)), policy.MaySubscribeTo(Utf8($"$share/g/{filter}"))));
        Assert.False(Policy(false, new TopicPermission(permitted, TopicAccess.Publish)).MaySubscribe(Utf8(filter)));
    }

    [Theory]
    [InlineData("a/b", true)]
    [InlineData("/${productKey}/${deviceName}/x", true)]
    [InlineData("/+x", false)]
    [InlineData("", false)]
    [InlineData("a/#/b", false)]
    [InlineData("#", false)]
    [InlineData("/#", false)]
    [InlineData("+/+", false)]
    [InlineData("+/a", true)]
    [InlineData("/+/pk/x", false)]
    [InlineData("/sys/${productKey}/x", false)]
    [InlineData("/broadcast/#", false)]
    [InlineData("$share/g/a", false)]
    [InlineData("$SYS/#", false)]
    [InlineData("a\0", false)]
    public void Filter_ThatReachesThePlatformsOwnTopics_MayNotBePermitted(string filter, bool expected) => Assert.Equal(expected, TopicPolicy.MayBePermitted(filter));

    private static TopicPolicy Policy(bool hasFreeTopics, params TopicPermission[] permissions) =>
        new(Device, new ProductTopics(Device.ProductKey, hasFreeTopics, [.. permissions]));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
