using Google.Protobuf.Reflection;
using IotPlatform.Protos.Reflection.V1;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class ReflectionTests
{
    [Theory]
    [InlineData("v1")]
    [InlineData("v1alpha")]
    public async Task Reflection_AskedForServices_NamesThemAll(string version)
    {
        var response = await AskAsync(new ServerReflectionRequest { Host = "here", ListServices = "*" }, version);

        Assert.Equal(
            ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "iot.toy.v1.Toy"],
            response.ListServicesResponse.Service.Select(service => service.Name));
        Assert.Equal("here", response.ValidHost);
        Assert.Equal("*", response.OriginalRequest.ListServices);
    }

    [Theory]
    [InlineData("iot.toy.v1.Toy")]
    [InlineData("iot.toy.v1.Toy.Echo")]
    [InlineData("iot.toy.v1.EchoRequest")]
    [InlineData("iot.toy.v1.EchoRequest.Inner")]
    [InlineData("iot.toy.v1.EchoRequest.Colour")]
    [InlineData("iot.toy.v1.EchoRequest.text")]
    public async Task Reflection_AskedForASymbol_GivesItsFile(string symbol)
    {
        var response = await AskAsync(new ServerReflectionRequest { FileContainingSymbol = symbol });

        var file = FileDescriptorProto.Parser.ParseFrom(Assert.Single(response.FileDescriptorResponse.FileDescriptorProto));
        Assert.Equal("toy.proto", file.Name);
        Assert.Equal("Toy", Assert.Single(file.Service).Name);
    }

    [Fact]
    public async Task Reflection_AskedForAFile_GivesIt()
    {
        var response = await AskAsync(new ServerReflectionRequest { FileByFilename = "grpc/health/v1/health.proto" });

        Assert.Equal("grpc.health.v1", FileDescriptorProto.Parser.ParseFrom(response.FileDescriptorResponse.FileDescriptorProto[0]).Package);
    }

    [Fact]
    public async Task Reflection_AskedForWhatIsNotThere_AnswersWithAnError()
    {
        ServerReflectionRequest[] requests =
        [
            new() { FileByFilename = "nothing.proto" },
            new() { FileContainingSymbol = "iot.Nothing" },
            new() { FileContainingExtension = new ExtensionRequest { ContainingType = "iot.toy.v1.EchoRequest", ExtensionNumber = 100 } },
            new() { AllExtensionNumbersOfType = "iot.Nothing" },
        ];

        foreach (var request in requests)
        {
            Assert.Equal(5, (await AskAsync(request)).ErrorResponse.ErrorCode);
        }
    }

    [Fact]
    public async Task Reflection_AskedForExtensionsOfAMessage_HasNone()
    {
        var response = await AskAsync(new ServerReflectionRequest { AllExtensionNumbersOfType = "iot.toy.v1.EchoRequest" });

        Assert.Equal("iot.toy.v1.EchoRequest", response.AllExtensionNumbersResponse.BaseTypeName);
        Assert.Empty(response.AllExtensionNumbersResponse.ExtensionNumber);
    }

    private static async Task<ServerReflectionResponse> AskAsync(ServerReflectionRequest request, string version = "v1")
    {
        await using var server = await ToyServer.StartAsync();
        var reply = await server.Grpc.CallAsync($"grpc.reflection.{version}.ServerReflection/ServerReflectionInfo", request);
        return ServerReflectionResponse.Parser.ParseFrom(Assert.Single(reply.Frames()).Payload);
    }
}
