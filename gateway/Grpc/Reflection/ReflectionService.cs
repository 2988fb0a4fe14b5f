using Google.Protobuf.Reflection;
using IotPlatform.Protos.Reflection.V1;
using Request = IotPlatform.Protos.Reflection.V1.ServerReflectionRequest.MessageRequestOneofCase;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace IotPlatform.Grpc.Reflection;

/// <summary><c>grpc.reflection.v1.ServerReflection</c>: tells tools the contract. [grpc/doc/server-reflection.md]</summary>
internal sealed class ReflectionService(ReflectionIndex index)
{
    /// <summary>Both versions of the service, bound; they tell of <paramref name="services"/> and of themselves.</summary>
    public static IReadOnlyList<GrpcServiceDefinition> Define(IReadOnlyList<GrpcServiceDefinition> services)
    {
        var v1 = ReflectionReflection.Descriptor.Services[0];
        var v1Alpha = Protos.Reflection.V1Alpha.ReflectionReflection.Descriptor.Services[0];
        ServiceDescriptor[] described = [.. services.Select(service => service.Descriptor), v1, v1Alpha];
        var service = new ReflectionService(new ReflectionIndex(described));
        return
        [
            GrpcServiceDefinition.For(v1)
                .Bidirectional<ServerReflectionRequest, ServerReflectionResponse>("ServerReflectionInfo", service.AnswerAllAsync).Build(),
            ReflectionV1Alpha.Define(v1Alpha, service),
        ];
    }

    /// <summary>Answers each request in order.</summary>
    public async Task AnswerAllAsync(
        IAsyncEnumerable<ServerReflectionRequest> requests, IServerStreamWriter<ServerReflectionResponse> responses, CallContext context)
    {
        await foreach (var request in requests)
        {
            await responses.WriteAsync(Answer(request));
        }
    }

    /// <summary>Answers one request; what does not exist is an answer too.</summary>
    public ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var response = request.MessageRequestCase switch
        {
            Request.ListServices => ListServices(),
            Request.FileByFilename when index.TryGetFile(request.FileByFilename, out var file) => WithFile(file),
            Request.FileContainingSymbol when index.TryGetFileOf(request.FileContainingSymbol, out var file) => WithFile(file),
            Request.AllExtensionNumbersOfType when index.IsMessage(request.AllExtensionNumbersOfType) => WithoutExtensions(request.AllExtensionNumbersOfType),
            Request.None => WithError(StatusCode.InvalidArgument, "The request asks nothing."),
            _ => WithError(StatusCode.NotFound, "There is no such file, symbol or extension."),
        };
        response.ValidHost = request.Host;
        response.OriginalRequest = request;
        return response;
    }

    private ServerReflectionResponse ListServices()
    {
        var list = new ListServiceResponse();
        list.Service.AddRange(index.ServiceNames.Select(name => new ServiceResponse { Name = name }));
        return new() { ListServicesResponse = list };
    }

    private static ServerReflectionResponse WithFile(FileDescriptor file)
    {
        var files = new FileDescriptorResponse();
        AddWithImports(file, files, []);
        return new() { FileDescriptorResponse = files };
    }

    private static void AddWithImports(FileDescriptor file, FileDescriptorResponse files, HashSet<string> added)
    {
        if (!added.Add(file.Name))
        {
            return;
        }

        files.FileDescriptorProto.Add(file.SerializedData);
        foreach (var import in file.Dependencies)
        {
            AddWithImports(import, files, added);
        }
    }

    // Messages of proto3 have no extensions.
    private static ServerReflectionResponse WithoutExtensions(string type) =>
        new() { AllExtensionNumbersResponse = new ExtensionNumberResponse { BaseTypeName = type } };

    private static ServerReflectionResponse WithError(StatusCode code, string message) =>
        new() { ErrorResponse = new ErrorResponse { ErrorCode = (int)code, ErrorMessage = message } };
}
