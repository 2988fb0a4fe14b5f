using Google.Protobuf;
using IotPlatform.Protos.Reflection.V1Alpha;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;
using V1Request = IotPlatform.Protos.Reflection.V1.ServerReflectionRequest;

namespace IotPlatform.Grpc.Reflection;

/// <summary><c>grpc.reflection.v1alpha</c> differs from version 1 in its name only, so that messages convert through their bytes.</summary>
internal static class ReflectionV1Alpha
{
    /// <summary>The service, bound to its version 1.</summary>
    public static GrpcServiceDefinition Define(ServiceDescriptor descriptor, ReflectionService service) =>
        GrpcServiceDefinition.For(descriptor)
            .Bidirectional<ServerReflectionRequest, ServerReflectionResponse>("ServerReflectionInfo", (requests, responses, _) => AnswerAllAsync(requests, responses, service))
            .Build();

    private static async Task AnswerAllAsync(
        IAsyncEnumerable<ServerReflectionRequest> requests, IServerStreamWriter<ServerReflectionResponse> responses, ReflectionService service)
    {
        await foreach (var request in requests)
        {
            var answer = service.Answer(V1Request.Parser.ParseFrom(request.ToByteString()));
            await responses.WriteAsync(ServerReflectionResponse.Parser.ParseFrom(answer.ToByteString()));
        }
    }
}
