using System.Net;
using System.Text.Json;
using Google.Protobuf;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Grpc;
using IotPlatform.Unit.Tests.Grpc;

namespace IotPlatform.E2e.Tests.Registry;

/// <summary>The tags of devices, over REST and gRPC.</summary>
public sealed class DeviceTagTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private RestApi Api => gateway.Process.Api;

    [Fact]
    public async Task Tags_AreShownWhereTheDeviceIs()
    {
        var productKey = await Api.CreateProductAsync();
        var path = $"/v1/products/{productKey}/devices";
        var created = await Api.PostAsync(path, new { deviceName = "a", tags = new { ring = "canary", odd = "\"ü💡" } });
        AssertTags(created.Expect(HttpStatusCode.Created).Body, ("odd", "\"ü💡"), ("ring", "canary"));
        AssertTags((await Api.PostAsync(path, new { deviceName = "b" })).Expect(HttpStatusCode.Created).Body);

        var changed = await Api.PostAsync($"{path}/b:setTags", new { tags = new { ring = "stable" } });

        AssertTags(changed.Expect(HttpStatusCode.OK).Body, ("ring", "stable"));
        AssertTags((await Api.GetAsync($"{path}/b")).Expect(HttpStatusCode.OK).Body, ("ring", "stable"));
        var listed = (await Api.GetAsync(path)).Expect(HttpStatusCode.OK).Items("devices");
        AssertTags(listed[0], ("odd", "\"ü💡"), ("ring", "canary"));
        AssertTags(listed[1], ("ring", "stable"));
        AssertTags((await Api.PostAsync($"{path}/b:setTags", new { })).Expect(HttpStatusCode.OK).Body);
        AssertTags((await Api.GetAsync($"{path}/b")).Expect(HttpStatusCode.OK).Body);
    }

    [Fact]
    public async Task Tags_AsManyAndAsLongAsTheyMayBe_AreTaken()
    {
        var device = await Api.CreateDeviceAsync();
        var tags = Enumerable.Range(10, 16).ToDictionary(static i => $"{i}".PadRight(64, '.'), static i => $"{i}".PadRight(128, 'ü'));
        AssertTags((await SetTagsAsync(device, tags)).Expect(HttpStatusCode.OK).Body, [.. tags.Select(static tag => (tag.Key, tag.Value))]);
    }

    public static TheoryData<string, Dictionary<string, string>> Wrong() => new()
    {
        { "tags", Enumerable.Range(0, 17).ToDictionary(static i => $"k{i}", static _ => "") },
        { "tags", new() { [""] = "x" } },
        { "tags", new() { ["a b"] = "x" } },
        { "tags", new() { ["ä"] = "x" } },
        { "tags", new() { [new string('k', 65)] = "x" } },
        { "tags: ring", new() { ["ring"] = new string('v', 129) } },
        { "tags: ring", new() { ["ring"] = "a\0b" } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task Tags_ThatCanNotBe_AreRefused_AndThoseBeforeStay(string field, Dictionary<string, string> tags)
    {
        var device = await Api.CreateDeviceAsync();
        await SetTagsAsync(device, new() { ["ring"] = "canary" });

        var set = await SetTagsAsync(device, tags);
        var create = await Api.PostAsync($"/v1/products/{device.ProductKey}/devices", new { deviceName = "new", tags });

        Assert.StartsWith(field, set.Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT").Text("message"), StringComparison.Ordinal);
        Assert.StartsWith(field, create.Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT").Text("message"), StringComparison.Ordinal);
        AssertTags((await Api.DeviceAsync(device)).Body, ("ring", "canary"));
        (await Api.GetAsync($"/v1/products/{device.ProductKey}/devices/new")).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Tags_ThatAreNoObjectOfTexts_AreRefusedByTheirField()
    {
        var path = $"{RestApi.PathOf(await Api.CreateDeviceAsync())}:setTags";
        foreach (var tags in new object[] { "ring", new[] { "ring" }, new { ring = 1 } })
        {
            var refusal = (await Api.PostAsync(path, new { tags })).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
            Assert.Equal("tags: not an object, in which every value is a string.", refusal.Text("message"));
        }
    }

    [Fact]
    public async Task Tags_OfADeviceThatIsNot_AreNotFound() =>
        (await Api.PostAsync($"/v1/products/demo/devices/{RestApi.NewKey("no")}:setTags", new { tags = new { ring = "canary" } })).Expect(HttpStatusCode.NotFound, "NOT_FOUND");

    [Fact]
    public async Task Tags_OverGrpc_AreTheSame()
    {
        var device = await Api.CreateDeviceAsync();
        var request = new Protos.V1.SetDeviceTagsRequest { ProductKey = device.ProductKey, DeviceName = device.Name, Tags = { ["ring"] = "canary" } };

        var (status, body, _) = await CallAsync("SetDeviceTags", request);

        Assert.Equal(StatusCode.OK, status);
        Assert.Equal("canary", Assert.Single(Protos.V1.Device.Parser.ParseFrom(body).Tags).Value);
        AssertTags((await Api.DeviceAsync(device)).Body, ("ring", "canary"));
        (_, body, _) = await CallAsync("GetDevice", new Protos.V1.GetDeviceRequest { ProductKey = device.ProductKey, DeviceName = device.Name });
        Assert.Equal("canary", Protos.V1.Device.Parser.ParseFrom(body).Tags["ring"]);

        request.Tags["a b"] = "";
        (status, _, var message) = await CallAsync("SetDeviceTags", request);
        Assert.Equal(StatusCode.InvalidArgument, status);
        Assert.StartsWith("tags: ", message, StringComparison.Ordinal);
        (status, _, _) = await CallAsync("SetDeviceTags", new Protos.V1.SetDeviceTagsRequest { ProductKey = device.ProductKey, DeviceName = "none" });
        Assert.Equal(StatusCode.NotFound, status);
    }

    private static void AssertTags(JsonElement device, params (string Key, string Value)[] tags)
    {
        var shown = device.TryGetProperty("tags", out var all) ? all.EnumerateObject().Select(static tag => (tag.Name, tag.Value.GetString()!)) : [];
        Assert.Equal(tags, shown.OrderBy(static tag => tag.Name, StringComparer.Ordinal));
    }

    private Task<Answer> SetTagsAsync(Device device, Dictionary<string, string> tags) => Api.PostAsync($"{RestApi.PathOf(device)}:setTags", new { tags });

    private async Task<(StatusCode Status, byte[] Body, string Message)> CallAsync(string method, IMessage request)
    {
        using var grpc = new GrpcClient(new Uri($"http://{gateway.Process.GrpcAuthority}"));
        var reply = await grpc.CallAsync($"iot.v1.Registry/{method}", request, ("authorization", $"Bearer {GatewayProcess.AdminKey}"));
        return (reply.Status, reply.Frames().Select(static frame => frame.Payload).FirstOrDefault([]), reply.Message);
    }
}
