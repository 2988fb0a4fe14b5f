using System.Text;
using IotPlatform.Devices;
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

    private static TopicPolicy Policy(bool hasFreeTopics) => new(Device, hasFreeTopics);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
