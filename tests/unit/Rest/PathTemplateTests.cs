using IotPlatform.Api.Rest;

namespace IotPlatform.Unit.Tests.Rest;

public sealed class PathTemplateTests
{
    [Theory]
    [InlineData("/v1/products", "/v1/products")]
    [InlineData("/v1/products/{productKey}", "/v1/products/a", "a")]
    [InlineData("/v1/products/{productKey}/devices/{deviceName}", "/v1/products/a/devices/b.c_d@e:f-1", "a", "b.c_d@e:f-1")]
    [InlineData("/v1/devices/{deviceName}:enable", "/v1/devices/a:b:enable", "a:b")]
    [InlineData("/v1/devices/{deviceName}:enable", "/v1/devices/:enable:enable", ":enable")]
    [InlineData("/v1/devices/{deviceName}", "/v1/devices/a%2Fb", "a%2Fb")]
    public void PathTemplate_ThatDescribesAPath_CapturesItsVariables(string template, string path, params string[] values)
    {
        var parsed = new PathTemplate(template);

        Assert.True(parsed.Matches(path));
        Assert.Equal(values, parsed.Capture(path));
    }

    [Theory]
    [InlineData("/v1/products", "/v1/products/")]
    [InlineData("/v1/products", "/v1")]
    [InlineData("/v1/products", "/v1/Products")]
    [InlineData("/v1/products", "/")]
    [InlineData("/v1/products/{productKey}", "/v1/products/")]
    [InlineData("/v1/products/{productKey}", "/v1/products/a/b")]
    [InlineData("/v1/devices/{deviceName}:enable", "/v1/devices/:enable")]
    [InlineData("/v1/devices/{deviceName}:enable", "/v1/devices/a%3Aenable")]
    public void PathTemplate_ThatDoesNotDescribeAPath_DoesNotMatch(string template, string path) => Assert.False(new PathTemplate(template).Matches(path));
}
