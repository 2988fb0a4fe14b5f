using System.Diagnostics.CodeAnalysis;
using Google.Protobuf.Reflection;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace IotPlatform.Grpc.Reflection;

/// <summary>The files of the contract by their names and by the full names of what they define.</summary>
internal sealed class ReflectionIndex
{
    private readonly Dictionary<string, FileDescriptor> _files = [];
    private readonly Dictionary<string, FileDescriptor> _symbols = [];
    private readonly HashSet<string> _messages = [];

    /// <summary>Indexes the files of the services and all that these import.</summary>
    public ReflectionIndex(IEnumerable<ServiceDescriptor> services)
    {
        ServiceNames = [.. services.Select(service => service.FullName).Order(StringComparer.Ordinal)];
        foreach (var service in services)
        {
            AddFile(service.File);
        }
    }

    /// <summary>The full names of the services.</summary>
    public IReadOnlyList<string> ServiceNames { get; }

    /// <summary>Finds a file by its name.</summary>
    public bool TryGetFile(string name, [NotNullWhen(true)] out FileDescriptor? file) => _files.TryGetValue(name, out file);

    /// <summary>Finds the file that defines a service, a method, a message, an enum or a field.</summary>
    public bool TryGetFileOf(string symbol, [NotNullWhen(true)] out FileDescriptor? file) => _symbols.TryGetValue(symbol, out file);

    /// <summary>Whether a message has this full name.</summary>
    public bool IsMessage(string fullName) => _messages.Contains(fullName);

    private void AddFile(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (var service in file.Services)
        {
            _symbols[service.FullName] = file;
            AddSymbols(service.Methods, file);
        }

        AddSymbols(file.EnumTypes, file);
        AddMessages(file.MessageTypes);
        foreach (var import in file.Dependencies)
        {
            AddFile(import);
        }
    }

    private void AddMessages(IEnumerable<MessageDescriptor> messages)
    {
        foreach (var message in messages)
        {
            _messages.Add(message.FullName);
            _symbols[message.FullName] = message.File;
            AddSymbols(message.EnumTypes, message.File);
            AddSymbols(message.Fields.InDeclarationOrder(), message.File);
            AddMessages(message.NestedTypes);
        }
    }

    private void AddSymbols(IEnumerable<IDescriptor> symbols, FileDescriptor file)
    {
        foreach (var symbol in symbols)
        {
            _symbols[symbol.FullName] = file;
        }
    }
}
